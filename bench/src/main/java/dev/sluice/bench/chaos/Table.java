package dev.sluice.bench.chaos;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.sluice.bench.chaos.check.Recovery;
import dev.sluice.bench.chaos.check.Verdict;
import dev.sluice.bench.chaos.check.Violation;
import dev.sluice.bench.chaos.fault.FaultKind;
import dev.sluice.bench.chaos.fault.Struck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The table that a trial ends with, and below it each violation.
final class Table {
    private static final int NAMES = 34;

    private final List<String> lines = new ArrayList<>();

    private Table() {}

    static List<String> of(ChaosPlan plan, Duration took, List<Struck> struck, Verdict verdict) {
        Table table = new Table();
        table.lines.add("");
        table.row("trial", trial(plan, took));
        table.row(
                "runs accepted / ended",
                "%d / %d".formatted(verdict.accepted(), verdict.ended())
                        + (verdict.strangers() == 0
                                ? ""
                                : ", and %d that no client knows of"
                                        .formatted(verdict.strangers())));
        table.row("runs resumed", verdict.resumed());
        table.row("runs cancelled by their clients", verdict.cancelled());
        table.row(
                "requests refused / unanswered",
                "%d / %d".formatted(verdict.refused(), verdict.unanswered()));
        table.row("kills", kills(struck));
        table.row("runs lost", verdict.count(Violation.Kind.LOST_RUN));
        table.row("runs not found for a while", verdict.count(Violation.Kind.ABSENT_RUN));
        table.row("frames lost", verdict.count(Violation.Kind.LOST_FRAME));
        table.row("doubled frames", verdict.count(Violation.Kind.DOUBLED_FRAME));
        table.row("frames out of order", verdict.count(Violation.Kind.DISORDERED_FRAME));
        table.row(
                "doubled tool calls",
                "%d of %d"
                        .formatted(
                                verdict.count(Violation.Kind.DOUBLED_TOOL_CALL),
                                verdict.toolCalls()));
        table.row("streams ended by an error frame", verdict.errorFrames());
        table.row("connections of clients", verdict.connections());
        verdict.recovery().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> table.recovery(entry.getKey(), entry.getValue()));
        table.row("other violations", verdict.count(Violation.Kind.WRONG));
        if (!verdict.violations().isEmpty()) {
            table.lines.add("");
            verdict.violations().stream()
                    .collect(groupingBy(Violation::toString, LinkedHashMap::new, counting()))
                    .forEach((what, times) ->
                            table.lines.add(
                                    "violation: "
                                            + what
                                            + (times == 1 ? "" : " (%d times)".formatted(times))));
        }
        return List.copyOf(table.lines);
    }

    private static String trial(ChaosPlan plan, Duration took) {
        return "seed %d, %s, %d streams, %d:%02d min"
                .formatted(
                        plan.seed(),
                        plan.mix(),
                        plan.streams(),
                        took.toMinutes(),
                        took.toSecondsPart());
    }

    private static String kills(List<Struck> struck) {
        Map<FaultKind, Long> counts =
                struck.stream()
                        .collect(
                                groupingBy(
                                        Struck::kind,
                                        () -> new EnumMap<>(FaultKind.class),
                                        counting()));
        return struck.size()
                + counts.entrySet().stream()
                        .map(entry -> "%s %d".formatted(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining(", ", ": ", ""));
    }

    private void recovery(FaultKind kind, Recovery recovery) {
        row("recovery from " + kind, percentiles(recovery.takenUp()));
        row("  to the next frame", percentiles(recovery.spoke()));
    }

    private static String percentiles(List<Duration> durations) {
        return durations.isEmpty()
                ? "no run was hit"
                : String.format(
                        Locale.ROOT,
                        "p50 %.2f s, p99 %.2f s, max %.2f s (%d runs)",
                        seconds(Recovery.percentile(durations, 0.5)),
                        seconds(Recovery.percentile(durations, 0.99)),
                        seconds(Recovery.percentile(durations, 1)),
                        durations.size());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private void row(String name, long value) {
        row(name, Long.toString(value));
    }

    private void row(String name, String value) {
        lines.add(String.format(Locale.ROOT, "%-" + NAMES + "s%s", name, value));
    }
}
