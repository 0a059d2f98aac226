package dev.sluice.bench.chaos.check;

import dev.sluice.bench.chaos.fault.FaultKind;
import dev.sluice.bench.chaos.fault.Struck;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;

/// How long runs stood still after they lost their worker.
///
/// @param takenUp from the fault to the beginning of the run's next attempt, sorted
/// @param spoke from the fault to the next numbered event that counts, sorted
public record Recovery(List<Duration> takenUp, List<Duration> spoke) {
    public Recovery {
        takenUp = takenUp.stream().sorted().toList();
        spoke = spoke.stream().sorted().toList();
    }

    /// Of the runs that a kind of fault took from their workers: each run that the victim had begun
    /// and not ended, and that another attempt then took up.
    static Recovery of(FaultKind kind, List<Struck> faults, Collection<LoggedRun> runs) {
        List<Duration> takenUp = new ArrayList<>();
        List<Duration> spoke = new ArrayList<>();
        for (Struck fault : faults) {
            if (fault.kind() == kind) {
                for (LoggedRun run : runs) {
                    lostBy(run, fault)
                            .ifPresent(lost -> {
                                LoggedRun.Attempt next = run.attempts().get(lost + 1);
                                takenUp.add(Duration.between(fault.at(), next.started()));
                                Instant said = next.spoke();
                                if (said != null) {
                                    spoke.add(Duration.between(fault.at(), said));
                                }
                            });
                }
            }
        }
        return new Recovery(takenUp, spoke);
    }

    /// The index of the attempt that the fault ended, if it did and there is another.
    private static OptionalInt lostBy(LoggedRun run, Struck fault) {
        for (int i = 0; i + 1 < run.attempts().size(); i++) {
            LoggedRun.Attempt attempt = run.attempts().get(i);
            if (attempt.worker().startsWith(fault.victim())
                    && !attempt.started().isAfter(fault.at())
                    && run.attempts().get(i + 1).started().isAfter(fault.at())) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /// The duration that a share of them does not exceed.
    ///
    /// @param durations sorted and not empty
    /// @param share 0.5 for the median, 1 for the longest
    public static Duration percentile(List<Duration> durations, double share) {
        int rank = (int) Math.ceil(share * durations.size());
        return durations.get(Math.clamp(rank - 1, 0, durations.size() - 1));
    }
}
