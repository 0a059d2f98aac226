package dev.sluice.bench.chaos.check;

import static java.util.stream.Collectors.groupingBy;

import dev.sluice.bench.chaos.check.Violation.Kind;
import dev.sluice.bench.chaos.script.ToolKind;
import dev.sluice.bench.chaos.tool.ToolLedger;
import dev.sluice.bench.chaos.tool.ToolLedger.Phase;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.core.JacksonException;

/// Holds what the tools did against what the log says they did.
///
/// A tool whose calls must not be repeated is called once at the most, whatever became of the
/// workers; what the log calls completed was really done; and nothing is begun after that.
final class ToolCheck {
    private final Map<String, List<ToolLedger.Entry>> byKey;
    private final Set<String> known = new HashSet<>();
    private final List<Violation> found = new ArrayList<>();

    private ToolCheck(List<ToolLedger.Entry> ledger) {
        byKey = ledger.stream().collect(groupingBy(ToolLedger.Entry::key));
    }

    static List<Violation> of(Map<String, LoggedRun> runs, List<ToolLedger.Entry> ledger) {
        ToolCheck check = new ToolCheck(ledger);
        runs.forEach(check::run);
        check.byKey.keySet().stream()
                .filter(key -> !check.known.contains(key))
                .forEach(key ->
                        check.found.add(
                                new Violation(
                                        Kind.WRONG,
                                        "",
                                        "the tool call "
                                                + key
                                                + " was made, and is in no completed turn")));
        return check.found;
    }

    private void run(String run, LoggedRun logged) {
        for (LoggedRun.Turn turn : logged.turns()) {
            for (ContentPart.ToolCall call : turn.calls()) {
                call(run, call, logged);
            }
        }
    }

    private void call(String run, ContentPart.ToolCall call, LoggedRun logged) {
        String key = key(call);
        known.add(key);
        List<ToolLedger.Entry> entries = byKey.getOrDefault(key, List.of());
        List<ToolLedger.Entry> started =
                entries.stream().filter(entry -> entry.phase() == Phase.STARTED).toList();
        String id = run + "/" + call.id();
        entries.stream()
                .filter(entry -> !entry.id().equals(id))
                .findFirst()
                .ifPresent(entry ->
                        wrong(run, "the tool call %s was made as %s".formatted(id, entry.id())));
        boolean once = !entries.isEmpty() && !entries.getFirst().tool().repeatable();
        List<LoggedRun.ToolEnd> ends =
                logged.tools().stream().filter(end -> end.callId().equals(call.id())).toList();
        if (once && started.size() > 1) {
            doubled(run, key, "was executed %d times".formatted(started.size()));
        } else if (!ends.isEmpty()
                && started.stream().anyMatch(entry -> entry.at().isAfter(ends.getFirst().at()))) {
            doubled(run, key, "was executed again after it had completed");
        }
        if (ends.size() > 1) {
            wrong(run, "the tool call %s completed %d times".formatted(key, ends.size()));
        }
        ends.stream().findFirst().ifPresent(end -> end(run, key, end, entries, logged));
    }

    private void end(
            String run,
            String key,
            LoggedRun.ToolEnd end,
            List<ToolLedger.Entry> entries,
            LoggedRun logged) {
        ToolKind kind =
                Objects.requireNonNull(
                        List.of(ToolKind.values()).stream()
                                .filter(tool -> tool.modelName().equals(end.tool()))
                                .findFirst()
                                .orElse(null),
                        end.tool());
        if (end.error()) {
            // After a crash in the middle of it nobody knows what became of such a call.
            if (kind.repeatable() || logged.attempts().size() < 2) {
                wrong(run, "the tool call %s failed: %s".formatted(key, end.text()));
            }
        } else if (!end.text().equals(kind.result(key))) {
            wrong(run, "the tool call %s returned: %s".formatted(key, end.text()));
        } else if (entries.stream().noneMatch(entry -> entry.phase() == Phase.COMPLETED)) {
            wrong(run, "the tool call %s is completed and was never executed".formatted(key));
        }
    }

    private static String key(ContentPart.ToolCall call) {
        try {
            return Json.FOREIGN.readTree(call.arguments()).path("key").asString(call.id());
        } catch (JacksonException _) {
            return call.id();
        }
    }

    private void doubled(String run, String key, String what) {
        found.add(
                new Violation(
                        Kind.DOUBLED_TOOL_CALL, run, "the tool call %s %s".formatted(key, what)));
    }

    private void wrong(String run, String what) {
        found.add(new Violation(Kind.WRONG, run, what));
    }
}
