package dev.sluice.bench.streams;

import static dev.sluice.bench.report.Table.number;

import dev.sluice.bench.fleet.Deployment;
import dev.sluice.bench.fleet.Heap;
import dev.sluice.bench.fleet.Part;
import dev.sluice.bench.fleet.Uses;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.report.Table;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Streams whose model is silent for a while: what each of them costs in memory.
final class IdleStreams {
    private static final List<Part> PARTS = List.of(Part.GATEWAY, Part.WORKER);

    private final Opening opening;
    private final Duration silence;
    private final Report report;

    /// @param silence of the model once they are all open
    IdleStreams(Opening opening, Duration silence, Report report) {
        this.opening = opening;
        this.silence = silence;
        this.report = report;
    }

    /// The memory of a part, in bytes.
    ///
    /// @param heap what is in use after a full collection
    /// @param resident all that the process has
    record Memory(long heap, long resident) {}

    /// What was seen at once.
    ///
    /// @param open how many of the streams the workers had, before and after the look at least
    record Look(long open, Map<Part, Memory> memory) {}

    /// The model is silent until all were opened and looked at.
    Question question() {
        return Question.turn(opening.time().plus(silence));
    }

    /// Measures, tells the report, and returns whether all of them got their answer in the end.
    boolean measure(Deployment deployment, Load load, Side side) throws InterruptedException {
        Look before = look(deployment);
        // Most of the silence is for the look: full collections, by tools that have to start.
        Opening.Seen<Look> seen =
                opening.open(load, side, question(), silence.dividedBy(6), () -> look(deployment));
        var table =
                new Table(
                        1,
                        "idle streams",
                        "part",
                        "heap KiB each",
                        "resident KiB each",
                        "heap MiB",
                        "resident MiB");
        for (Part part : PARTS) {
            Memory open = seen.sight().memory().getOrDefault(part, new Memory(0, 0));
            Memory closed = before.memory().getOrDefault(part, new Memory(0, 0));
            table.row(
                    List.of(
                            String.valueOf(opening.streams()),
                            part.toString(),
                            each(open.heap() - closed.heap()),
                            each(open.resident() - closed.resident()),
                            number(open.heap() / 0x1p20, 1),
                            number(open.resident() / 0x1p20, 1)));
        }
        report.put("idle", Map.of("before", before, "open", seen.sight()));
        report.table("memory of streams that wait for their first token", table);
        if (seen.sight().open() < opening.streams()) {
            report.remarks(
                    List.of(
                            "only %d of %d were open while memory was looked at, so these figures are too small"
                                    .formatted(seen.sight().open(), opening.streams())));
        }
        if (!seen.streams().clean()) {
            report.remarks(List.of("idle streams failed: " + seen.streams().failures()));
        }
        return seen.streams().clean();
    }

    private String each(long bytes) {
        return number(bytes / 1024.0 / opening.streams(), 1);
    }

    private static Look look(Deployment deployment) throws InterruptedException {
        long before = deployment.executing();
        Map<Part, Memory> memory = new LinkedHashMap<>();
        for (Part part : PARTS) {
            ProcessHandle process = deployment.processes(part).getFirst();
            memory.put(part, new Memory(Heap.liveBytes(process), Uses.residentBytes(process)));
        }
        return new Look(Math.min(before, deployment.executing()), memory);
    }
}
