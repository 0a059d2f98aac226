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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What each of many streams costs a gateway and a worker in memory. Apart from all measuring of
/// time, since each look takes full collections.
final class StreamMemory {
    private static final List<Part> PARTS = List.of(Part.GATEWAY, Part.WORKER);

    private final Deployment deployment;
    private final Load load;
    private final Side side;
    private final Report report;
    private final Table table =
            new Table(
                    2,
                    "streams",
                    "that",
                    "part",
                    "heap KiB each",
                    "resident KiB each",
                    "heap MiB",
                    "resident MiB");
    private final List<String> complaints = new ArrayList<>();
    private boolean clean = true;

    StreamMemory(Deployment deployment, Load load, Side side, Report report) {
        this.deployment = deployment;
        this.load = load;
        this.side = side;
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

    /// Opens streams and looks at them.
    ///
    /// @param that what they do meanwhile
    /// @param later how long after the last was opened
    void measure(Opening opening, String that, Question question, Duration later)
            throws InterruptedException {
        Look before = look();
        Opening.Seen<Look> seen = opening.open(load, side, question, later, this::look);
        Look open = seen.sight();
        for (Part part : PARTS) {
            row(opening, that, part, before, open);
        }
        String streams = "%d streams that %s".formatted(opening.streams(), that);
        report.put("memory, " + streams, Map.of("before", before, "open", open));
        report.progress("memory of " + streams);
        if (open.open() < opening.streams()) {
            complaints.add(
                    "of %s only %d were open while memory was looked at, so their figures are too small"
                            .formatted(streams, open.open()));
        }
        if (!seen.streams().clean()) {
            clean = false;
            complaints.add("%s failed: %s".formatted(streams, seen.streams().failures()));
        }
    }

    /// Tells everything, and returns whether all streams got their answers in the end.
    boolean tell() {
        report.table("memory of streams", table);
        report.remarks(complaints);
        return clean;
    }

    private void row(Opening opening, String that, Part part, Look before, Look open) {
        Memory with = open.memory().getOrDefault(part, new Memory(0, 0));
        Memory without = before.memory().getOrDefault(part, new Memory(0, 0));
        table.row(
                List.of(
                        String.valueOf(opening.streams()),
                        that,
                        part.toString(),
                        number((with.heap() - without.heap()) / 1024.0 / opening.streams(), 1),
                        number(
                                (with.resident() - without.resident()) / 1024.0 / opening.streams(),
                                1),
                        number(with.heap() / 0x1p20, 1),
                        number(with.resident() / 0x1p20, 1)));
    }

    private Look look() throws InterruptedException {
        long before = deployment.executing();
        Map<Part, Memory> memory = new LinkedHashMap<>();
        for (Part part : PARTS) {
            ProcessHandle process = deployment.processes(part).getFirst();
            memory.put(part, new Memory(Heap.liveBytes(process), Uses.residentBytes(process)));
        }
        return new Look(Math.min(before, deployment.executing()), memory);
    }
}
