package dev.sluice.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.FleetStates.Queue;
import dev.sluice.common.redis.FleetStates.Seen;
import dev.sluice.common.redis.FleetStates.Worker;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.common.redis.WorkerReport.Executing;
import dev.sluice.common.redis.WorkerReport.Load;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class FleetJsonTest {
    private static final Load IDLE = new Load(0, 0, 0, 0, 0);

    private static Worker worker(String lease, boolean live, @Nullable WorkerReport report) {
        return new Worker(lease, live, report == null ? null : Duration.ofMillis(200), report);
    }

    private static WorkerReport report(
            boolean draining, Load interactive, Load batch, Executing... longest) {
        return new WorkerReport("1.0", draining, 8, 2, interactive, batch, List.of(longest));
    }

    private static JsonNode json(Worker... workers) {
        return read(FleetJson.of(new Seen(Map.of(), List.of(workers))));
    }

    /// As whoever is sent it reads it.
    private static JsonNode read(JsonNode json) {
        return Json.MAPPER.readTree(json.toString());
    }

    @Test
    void theFleetIsTheSumOfItsLivingWorkers() {
        Executing slow = new Executing(new RunId("run_a"), "demo", Lane.BATCH, 2, 1_000);
        Seen seen =
                new Seen(
                        Map.of(
                                Lane.INTERACTIVE,
                                new Queue(3, Duration.ofMillis(1500), 5),
                                Lane.BATCH,
                                new Queue(40, Duration.ofSeconds(9), 0)),
                        List.of(
                                worker(
                                        "a",
                                        true,
                                        report(
                                                false,
                                                new Load(3, 1, 4, 0.5, 0.25),
                                                new Load(1, 2, 0, 2, 0),
                                                slow)),
                                worker("b", true, report(false, new Load(2, 0, 0, 0.1, 0), IDLE)),
                                worker("dead", false, report(false, IDLE, IDLE)),
                                worker("older", true, null)));

        assertThat(read(FleetJson.of(seen)))
                .isEqualTo(
                        Json.MAPPER.readTree(
                                """
                                {
                                  "lanes": {
                                    "interactive": {
                                      "waiting": 3, "oldest_wait_ms": 1500, "left_behind": 5,
                                      "waiting_on_workers": 1, "executing": 5, "ending": 4,
                                      "demand": 14, "slots": 16,
                                      "ended_per_second": 0.6, "failed_per_second": 0.25 },
                                    "batch": {
                                      "waiting": 40, "oldest_wait_ms": 9000, "left_behind": 0,
                                      "waiting_on_workers": 2, "executing": 1, "ending": 0,
                                      "demand": 43, "slots": 4,
                                      "ended_per_second": 2.0, "failed_per_second": 0.0 } },
                                  "slots": { "total": 16, "used": 6, "free": 10 },
                                  "workers": [
                                    { "id": "a", "last_beat_ms": 200, "live": true, "version": "1.0",
                                      "draining": false, "slots": 8, "batch_slots": 2, "used": 4,
                                      "waiting": 3, "ended_per_second": 2.5 },
                                    { "id": "b", "last_beat_ms": 200, "live": true, "version": "1.0",
                                      "draining": false, "slots": 8, "batch_slots": 2, "used": 2,
                                      "waiting": 0, "ended_per_second": 0.1 },
                                    { "id": "dead", "last_beat_ms": 200, "live": false,
                                      "version": "1.0", "draining": false, "slots": 8,
                                      "batch_slots": 2, "used": 0, "waiting": 0,
                                      "ended_per_second": 0.0 },
                                    { "id": "older", "last_beat_ms": null, "live": true } ],
                                  "slowest": [
                                    { "run": "run_a", "agent": "demo", "lane": "batch", "attempt": 2,
                                      "worker": "a", "executing_ms": 1200 } ] }
                                """));
    }

    @Test
    void aWorkerThatDrainsHasNoFreeSlots() {
        JsonNode json =
                json(
                        worker("a", true, report(true, new Load(3, 0, 0, 0, 0), IDLE)),
                        worker("b", true, report(false, new Load(1, 0, 0, 0, 0), IDLE)));

        assertThat(json.at("/slots"))
                .isEqualTo(Json.MAPPER.readTree("{ \"total\": 11, \"used\": 4, \"free\": 7 }"));
    }

    @Test
    void theTenSlowestRunsOfAllWorkersAreThere() {
        JsonNode slowest = json(slow("a", 100), slow("b", 500), slow("c", 300)).at("/slowest");

        assertThat(slowest).hasSize(10);
        assertThat(slowest.valueStream().map(run -> run.at("/executing_ms").asInt()))
                .containsExactly(704, 703, 702, 701, 700, 504, 503, 502, 501, 500);
    }

    private static Worker slow(String lease, int from) {
        return worker(
                lease,
                true,
                report(
                        false,
                        IDLE,
                        IDLE,
                        IntStream.range(0, 5)
                                .mapToObj(i ->
                                        new Executing(
                                                RunId.at(i), "demo", Lane.INTERACTIVE, 1, from + i))
                                .toArray(Executing[]::new)));
    }
}
