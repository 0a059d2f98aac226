package dev.sluice.bench.chaos.check;

import dev.sluice.bench.chaos.check.Violation.Kind;
import dev.sluice.bench.chaos.fault.FaultKind;
import dev.sluice.bench.chaos.fault.Struck;
import dev.sluice.bench.chaos.load.Ledger;
import dev.sluice.bench.chaos.seen.AcceptedRun;
import dev.sluice.bench.chaos.seen.Sighting;
import dev.sluice.bench.chaos.tool.ToolLedger;
import dev.sluice.common.config.SluiceConfig;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Puts everything that is known beside each other, and says what it came to.
public final class Examination {
    private Examination() {}

    /// Reads the log and examines it. Blocks.
    ///
    /// @param config names the broker
    /// @param account what the clients met
    /// @param ledger what the tools did
    /// @param faults what was done, in order
    public static Verdict of(
            SluiceConfig config,
            Ledger.Account account,
            List<ToolLedger.Entry> ledger,
            List<Struck> faults) {
        return of(ReplyLog.read(config), account, ledger, faults);
    }

    static Verdict of(
            Map<String, LoggedRun> log,
            Ledger.Account account,
            List<ToolLedger.Entry> ledger,
            List<Struck> faults) {
        List<Violation> violations = new ArrayList<>();
        account.complaints().forEach(what -> violations.add(new Violation(Kind.WRONG, "", what)));
        account.open()
                .forEach(run ->
                        violations.add(
                                new Violation(Kind.LOST_RUN, run, "its client waited in vain")));
        log.forEach((run, logged) ->
                logged.faults()
                        .forEach(fault -> violations.add(new Violation(Kind.WRONG, run, fault))));
        for (AcceptedRun run : account.runs()) {
            violations.addAll(RunCheck.of(run, log.get(run.run())));
        }
        Set<String> known =
                account.runs().stream().map(AcceptedRun::run).collect(Collectors.toSet());
        known.addAll(account.open());
        List<String> strangers = log.keySet().stream().filter(run -> !known.contains(run)).toList();
        for (String run : strangers) {
            if (!ended(log, run)) {
                violations.add(new Violation(Kind.LOST_RUN, run, "has no end, and no client"));
            }
        }
        violations.addAll(ToolCheck.of(log, ledger));
        Map<FaultKind, Recovery> recovery = new EnumMap<>(FaultKind.class);
        for (FaultKind kind : FaultKind.values()) {
            if (kind.takesWorker() && faults.stream().anyMatch(fault -> fault.kind() == kind)) {
                recovery.put(kind, Recovery.of(kind, faults, log.values()));
            }
        }
        List<Sighting> sightings =
                account.runs().stream().flatMap(run -> run.sightings().stream()).toList();
        return new Verdict(
                known.size(),
                (int) known.stream().filter(run -> ended(log, run)).count(),
                strangers.size(),
                (int) log.values().stream().filter(run -> run.attempts().size() > 1).count(),
                (int) log.values().stream().filter(LoggedRun::cancelled).count(),
                account.refused(),
                account.unanswered(),
                sightings.stream().mapToInt(Sighting::connections).sum(),
                (int)
                        ledger.stream()
                                .filter(entry -> entry.phase() == ToolLedger.Phase.STARTED)
                                .count(),
                (int)
                        sightings.stream()
                                .filter(sighting -> sighting.end() == Sighting.End.ERROR_FRAME)
                                .count(),
                recovery,
                violations);
    }

    private static boolean ended(Map<String, LoggedRun> log, String run) {
        LoggedRun logged = log.get(run);
        return logged != null && logged.end() != null;
    }
}
