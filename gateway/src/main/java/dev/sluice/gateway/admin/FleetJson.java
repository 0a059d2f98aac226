package dev.sluice.gateway.admin;

import dev.sluice.common.redis.FleetStates.Queue;
import dev.sluice.common.redis.FleetStates.Seen;
import dev.sluice.common.redis.FleetStates.Worker;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.common.redis.WorkerReport.Executing;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The fleet as JSON: what waits, what executes, which workers there are.
public final class FleetJson {
    private static final int MOST_RUNS = 10;

    private FleetJson() {}

    /// The body of `GET /admin/queue`.
    public static ObjectNode of(Seen fleet) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        ObjectNode lanes = json.putObject("lanes");
        for (Lane lane : Lane.values()) {
            lane(lanes.putObject(lane.wireName()), fleet, lane);
        }
        int total = fleet.slots(Lane.INTERACTIVE);
        int used = fleet.reports().mapToInt(WorkerReport::used).sum();
        json.putObject("slots").put("total", total).put("used", used).put("free", total - used);
        ArrayNode workers = json.putArray("workers");
        fleet.workers().forEach(worker -> worker(workers.addObject(), worker));
        ArrayNode slowest = json.putArray("slowest");
        slowest(fleet).forEach(run -> run(slowest.addObject(), run));
        return json;
    }

    private static void lane(ObjectNode json, Seen fleet, Lane lane) {
        Queue queue = fleet.queue(lane);
        json.put("waiting", queue.waiting())
                .put("oldest_wait_ms", queue.oldest().toMillis())
                .put("left_behind", queue.leftBehind())
                .put("waiting_on_workers", fleet.waitingOnWorkers(lane))
                .put("executing", fleet.executing(lane))
                .put("ending", fleet.ending(lane))
                .put("demand", fleet.demand(lane))
                .put("slots", fleet.slots(lane))
                .put("ended_per_second", sum(fleet, report -> report.in(lane).ended()))
                .put("failed_per_second", sum(fleet, report -> report.in(lane).failed()));
    }

    private static double sum(Seen fleet, ToDoubleFunction<WorkerReport> rate) {
        return hundredths(fleet.reports().mapToDouble(rate).sum());
    }

    private static double hundredths(double rate) {
        return Math.round(rate * 100) / 100.0;
    }

    private static void worker(ObjectNode json, Worker worker) {
        json.put("id", worker.lease());
        @Nullable Duration heard = worker.heard();
        if (heard == null) {
            json.putNull("last_beat_ms");
        } else {
            json.put("last_beat_ms", heard.toMillis());
        }
        json.put("live", worker.live());
        @Nullable WorkerReport report = worker.report();
        if (report != null) {
            json.put("version", report.version())
                    .put("draining", report.draining())
                    .put("slots", report.slots())
                    .put("batch_slots", report.batchSlots())
                    .put("used", report.used())
                    .put("waiting", report.waiting())
                    .put(
                            "ended_per_second",
                            hundredths(report.interactive().ended() + report.batch().ended()));
        }
    }

    /// A run on a worker.
    private record Slow(Executing run, String worker, long millis) {}

    private static List<Slow> slowest(Seen fleet) {
        return fleet.workers().stream()
                .filter(Worker::live)
                .flatMap(FleetJson::executing)
                .sorted(Comparator.comparingLong(Slow::millis).reversed())
                .limit(MOST_RUNS)
                .toList();
    }

    private static Stream<Slow> executing(Worker worker) {
        @Nullable WorkerReport report = worker.report();
        @Nullable Duration heard = worker.heard();
        if (report == null || heard == null) {
            return Stream.empty();
        }
        return report.longest().stream()
                .map(run -> new Slow(run, worker.lease(), run.millis() + heard.toMillis()));
    }

    private static void run(ObjectNode json, Slow slow) {
        json.put("run", slow.run().run().value())
                .put("agent", slow.run().agent())
                .put("lane", slow.run().lane().wireName())
                .put("attempt", slow.run().attempt())
                .put("worker", slow.worker())
                .put("executing_ms", slow.millis());
    }
}
