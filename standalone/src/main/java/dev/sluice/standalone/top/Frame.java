package dev.sluice.standalone.top;

import dev.sluice.standalone.top.FleetView.Queue;
import dev.sluice.standalone.top.FleetView.SlowRun;
import dev.sluice.standalone.top.FleetView.Worker;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A fleet as lines of text.
final class Frame {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final int BAR = 12;
    private static final int FEWEST_WORKERS = 3;
    private static final int MOST_RUNS = 10;

    /// Lines beside those of workers and runs.
    private static final int FRAME = 10;

    private Frame() {}

    /// The whole of it, in at most so many lines.
    static List<String> lines(String gateway, FleetView fleet, LocalTime now, int rows) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "%s  %s  workers: %d  slots: %d of %d used"
                        .formatted(
                                time(now),
                                gateway,
                                fleet.alive(),
                                fleet.slots().used(),
                                fleet.slots().total()));
        lines.add("");
        lines.add(
                "%-12s %9s %9s %10s %9s %8s %9s %9s"
                        .formatted(
                                "LANE",
                                "WAITING",
                                "OLDEST",
                                "ON WORKERS",
                                "EXECUTING",
                                "SLOTS",
                                "ENDED/S",
                                "FAILED/S"));
        fleet.lanes().forEach((name, queue) -> lines.add(lane(name, queue)));
        int room = Math.max(0, rows - FRAME - fleet.lanes().size() + 2);
        int runs = Math.min(Math.min(MOST_RUNS, fleet.slowest().size()), room / 2);
        int workers = Math.max(FEWEST_WORKERS, room - runs);
        workers(lines, fleet, workers);
        runs(lines, fleet.slowest().subList(0, runs));
        return lines;
    }

    /// All that matters in one line.
    static String line(FleetView fleet, LocalTime now) {
        return "%s workers %d slots %d/%d%s"
                .formatted(
                        time(now),
                        fleet.alive(),
                        fleet.slots().used(),
                        fleet.slots().total(),
                        fleet.lanes().entrySet().stream()
                                .map(lane -> brief(lane.getKey(), lane.getValue()))
                                .collect(Collectors.joining()));
    }

    private static String brief(String name, Queue queue) {
        return String.format(
                Locale.ROOT,
                " | %s waiting %d oldest %s executing %d ended/s %.1f failed/s %.1f",
                name,
                queue.waiting(),
                span(queue.oldestWaitMs()),
                queue.executing(),
                queue.endedPerSecond(),
                queue.failedPerSecond());
    }

    private static String lane(String name, Queue queue) {
        return String.format(
                Locale.ROOT,
                "%-12s %9d %9s %10d %9d %8d %9.1f %9.1f",
                name,
                queue.waiting(),
                queue.waiting() == 0 ? "-" : span(queue.oldestWaitMs()),
                queue.waitingOnWorkers(),
                queue.executing(),
                queue.slots(),
                queue.endedPerSecond(),
                queue.failedPerSecond());
    }

    /// The busiest first; those that are not heard any more before them.
    private static void workers(List<String> lines, FleetView fleet, int most) {
        lines.add("");
        lines.add(
                "%-24s %-16s %11s %-14s %7s %8s %8s"
                        .formatted("WORKER", "VERSION", "SLOTS", "", "WAITING", "ENDED/S", "BEAT"));
        List<Worker> sorted =
                fleet.workers().stream()
                        .sorted(
                                Comparator.comparing(Worker::live)
                                        .thenComparing(
                                                Comparator.comparingLong(Worker::used).reversed())
                                        .thenComparing(Worker::id))
                        .toList();
        int shown = sorted.size() <= most ? sorted.size() : most - 1;
        sorted.subList(0, shown).forEach(worker -> lines.add(worker(worker)));
        if (shown < sorted.size()) {
            lines.add("and %d more".formatted(sorted.size() - shown));
        }
        if (sorted.isEmpty()) {
            lines.add("none: nothing is executed");
        }
    }

    private static String worker(Worker worker) {
        String beat = worker.lastBeatMs() == null ? "-" : span(worker.lastBeatMs());
        String state = !worker.live() ? "  gone" : worker.draining() ? "  draining" : "";
        return String.format(
                Locale.ROOT,
                "%-24s %-16s %11s %-14s %7d %8.1f %8s%s",
                worker.id(),
                worker.version() == null ? "-" : worker.version(),
                worker.used() + "/" + worker.slots(),
                bar(worker.used(), worker.slots()),
                worker.waiting(),
                worker.endedPerSecond(),
                beat,
                state);
    }

    private static String bar(long used, long slots) {
        // One that is used shows, and only a full one is full.
        int full = slots == 0 ? 0 : (int) Math.ceilDiv(used * (BAR - 1), slots);
        int filled = used >= slots && slots > 0 ? BAR : Math.min(full, BAR - 1);
        return "[" + "#".repeat(filled) + ".".repeat(BAR - filled) + "]";
    }

    private static void runs(List<String> lines, List<SlowRun> runs) {
        if (runs.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add(
                "%-36s %-20s %-12s %7s %8s  %s"
                        .formatted("SLOWEST RUN", "AGENT", "LANE", "ATTEMPT", "FOR", "WORKER"));
        for (SlowRun run : runs) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%-36s %-20s %-12s %7d %8s  %s",
                            run.run(),
                            run.agent(),
                            run.lane(),
                            run.attempt(),
                            span(run.executingMs()),
                            run.worker()));
        }
    }

    private static String time(LocalTime now) {
        return SECONDS.format(now);
    }

    /// `0.2s`, `59.9s`, `2m05s`, `3h07m`.
    static String span(long millis) {
        long seconds = millis / 1000;
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%d.%ds", seconds, millis % 1000 / 100);
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds % 3600 / 60);
    }
}
