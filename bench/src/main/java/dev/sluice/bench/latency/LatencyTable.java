package dev.sluice.bench.latency;

import static dev.sluice.bench.report.Table.number;

import dev.sluice.bench.load.Alternation;
import dev.sluice.bench.load.Measured;
import dev.sluice.bench.load.Percentiles;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// The table of latencies: for each side the median over the rounds of each round's percentile, and
/// below that by how much it is above the first side's, as the median over the rounds of each
/// round's difference.
final class LatencyTable {
    private static final int DECIMALS = 2;

    private final Table table =
            new Table(
                    2,
                    "load",
                    "side",
                    "first p50",
                    "p95",
                    "p99",
                    "whole p50",
                    "p95",
                    "p99",
                    "late p99",
                    "answers/s",
                    "answers",
                    "failed");

    private final List<String> complaints = new ArrayList<>();
    private final Report report;

    LatencyTable(Report report) {
        this.report = report;
    }

    /// Adds what was measured.
    void add(
            List<Pattern> patterns,
            List<Side> sides,
            Alternation<Pattern, Side, Measured> measured) {
        for (Pattern pattern : patterns) {
            Side first = sides.getFirst();
            for (Side side : sides) {
                List<Measured> rounds = measured.of(pattern, side);
                report.put(pattern.name() + ", " + side.name(), rounds);
                row(pattern.name(), side.name(), rounds);
                if (!side.equals(first) && chats(rounds)) {
                    added(
                            pattern.name(),
                            side.name() + " - " + first.name(),
                            rounds,
                            measured.of(pattern, first));
                }
                rounds.stream()
                        .filter(round -> !round.clean())
                        .map(round -> complaint(pattern, side, round))
                        .forEach(complaints::add);
            }
        }
    }

    /// Tells everything, and returns whether it was clean.
    boolean tell() {
        report.table("latency in ms: medians of the rounds' percentiles", table);
        report.remarks(complaints);
        return complaints.isEmpty();
    }

    private static String complaint(Pattern pattern, Side side, Measured round) {
        return "%s, %s: %d failed, %d tokens lost: %s"
                .formatted(
                        pattern.name(),
                        side.name(),
                        round.failed(),
                        round.lost(),
                        round.failures());
    }

    /// Whether its answers have tokens.
    private static boolean chats(List<Measured> rounds) {
        return rounds.stream().anyMatch(round -> round.firstToken().count() > 0);
    }

    private void row(String load, String side, List<Measured> rounds) {
        row(
                load,
                side,
                median(rounds, Measured::firstToken),
                median(rounds, Measured::whole),
                number(median(rounds, Measured::late).p99(), DECIMALS),
                number(Percentiles.median(rounds, Measured::rate), 0),
                String.valueOf(rounds.stream().mapToLong(Measured::answered).sum()),
                String.valueOf(rounds.stream().mapToLong(Measured::failed).sum()));
    }

    private void added(String load, String name, List<Measured> rounds, List<Measured> direct) {
        row(
                load,
                name,
                added(rounds, direct, Measured::firstToken),
                added(rounds, direct, Measured::whole),
                "",
                "",
                "",
                "");
    }

    private static Percentiles median(
            List<Measured> rounds, Function<Measured, Percentiles> percentiles) {
        return Percentiles.median(rounds.stream().map(percentiles).toList());
    }

    private static Percentiles added(
            List<Measured> rounds,
            List<Measured> direct,
            Function<Measured, Percentiles> percentiles) {
        return Percentiles.added(
                rounds.stream().map(percentiles).toList(),
                direct.stream().map(percentiles).toList());
    }

    private void row(
            String load, String side, Percentiles first, Percentiles whole, String... rest) {
        List<String> cells = new ArrayList<>(List.of(load, side));
        Stream.of(first, whole)
                .flatMap(percentiles ->
                        Stream.of(percentiles.p50(), percentiles.p95(), percentiles.p99())
                                .map(value ->
                                        percentiles.count() == 0 ? "" : number(value, DECIMALS)))
                .forEach(cells::add);
        cells.addAll(List.of(rest));
        table.row(cells);
    }
}
