package dev.sluice.bench.streams;

import static dev.sluice.bench.report.Table.number;

import dev.sluice.bench.fleet.Part;
import dev.sluice.bench.load.Alternation;
import dev.sluice.bench.load.Percentiles;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The tables of streams: times of both sides and what Sluice adds, and what its parts use.
final class StreamsTable {
    private static final int DECIMALS = 1;
    private static final List<Part> PARTS =
            List.of(Part.GATEWAY, Part.WORKER, Part.BROKER, Part.REDIS, Part.MODEL, Part.LOAD);

    private final Table times =
            new Table(
                    2,
                    "streams",
                    "side",
                    "first p50",
                    "p99",
                    "gap p50",
                    "p99",
                    "max",
                    "late p99",
                    "tokens",
                    "lost",
                    "failed");
    private final Table costs =
            new Table(
                    1,
                    "streams",
                    "cpu",
                    "gateway",
                    "worker",
                    "broker",
                    "redis",
                    "model",
                    "load",
                    "gateway MiB",
                    "worker MiB");
    private final List<String> complaints = new ArrayList<>();
    private final Report report;

    StreamsTable(Report report) {
        this.report = report;
    }

    /// Tells everything, and returns whether it was clean.
    boolean tell(
            List<Opening> openings, List<Side> sides, Alternation<Opening, Side, Crowd> measured) {
        Side first = sides.getFirst();
        for (Opening opening : openings) {
            String streams = String.valueOf(opening.streams());
            for (Side side : sides) {
                List<Crowd> rounds = measured.of(opening, side);
                side(streams, side.name(), rounds);
                if (!side.equals(first)) {
                    added(
                            streams,
                            side.name() + " - " + first.name(),
                            rounds,
                            measured.of(opening, first));
                }
            }
            costs(streams, measured.of(opening, sides.getLast()));
        }
        report.table("streams, times in ms: medians of the rounds' percentiles", times);
        report.table(
                sides.getLast().name()
                        + ": CPU ms for 1,000 tokens, of all parts and of each; resident memory while"
                        + " open",
                costs);
        report.remarks(complaints);
        return complaints.isEmpty();
    }

    private void side(String streams, String side, List<Crowd> rounds) {
        report.put("%s streams, %s".formatted(streams, side), rounds);
        row(
                streams,
                side,
                Percentiles.median(firsts(rounds)),
                Percentiles.median(gaps(rounds)),
                List.of(
                        number(
                                Percentiles.median(rounds, crowd -> crowd.streams().late().p99()),
                                DECIMALS),
                        sum(rounds, crowd -> crowd.streams().tokens()),
                        sum(rounds, crowd -> crowd.streams().lost()),
                        sum(rounds, crowd -> crowd.streams().failed())));
        rounds.stream()
                .filter(crowd -> !crowd.streams().clean())
                .map(crowd ->
                        "%s streams, %s: %d failed, %d tokens lost: %s"
                                .formatted(
                                        streams,
                                        side,
                                        crowd.streams().failed(),
                                        crowd.streams().lost(),
                                        crowd.streams().failures()))
                .forEach(complaints::add);
    }

    private void added(String streams, String name, List<Crowd> rounds, List<Crowd> baseline) {
        row(
                streams,
                name,
                Percentiles.added(firsts(rounds), firsts(baseline)),
                Percentiles.added(gaps(rounds), gaps(baseline)),
                List.of("", "", "", ""));
    }

    private void row(
            String streams, String side, Percentiles first, Percentiles gap, List<String> rest) {
        List<String> cells =
                new ArrayList<>(
                        List.of(
                                streams,
                                side,
                                number(first.p50(), DECIMALS),
                                number(first.p99(), DECIMALS),
                                number(gap.p50(), DECIMALS),
                                number(gap.p99(), DECIMALS),
                                number(gap.max(), DECIMALS)));
        cells.addAll(rest);
        times.row(cells);
    }

    private void costs(String streams, List<Crowd> rounds) {
        List<String> cells = new ArrayList<>(List.of(streams));
        cells.add(number(Percentiles.median(rounds, Crowd::millisPerThousandTokens), 2));
        PARTS.forEach(part ->
                cells.add(
                        number(
                                Percentiles.median(
                                        rounds, crowd -> crowd.millisPerThousandTokens(part)),
                                2)));
        for (Part part : List.of(Part.GATEWAY, Part.WORKER)) {
            cells.add(number(Percentiles.median(rounds, crowd -> crowd.mebibytes(part)), 0));
        }
        costs.row(cells);
    }

    private static List<Percentiles> firsts(List<Crowd> rounds) {
        return rounds.stream().map(crowd -> crowd.streams().firstToken()).toList();
    }

    private static List<Percentiles> gaps(List<Crowd> rounds) {
        return rounds.stream().map(crowd -> crowd.streams().gap()).toList();
    }

    private static String sum(List<Crowd> rounds, Function<Crowd, Long> number) {
        return String.valueOf(rounds.stream().mapToLong(number::apply).sum());
    }
}
