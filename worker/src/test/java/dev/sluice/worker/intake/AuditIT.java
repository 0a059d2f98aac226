package dev.sluice.worker.intake;

import static dev.sluice.worker.intake.Fleet.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.FailureFacts;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.Model;
import dev.sluice.worker.run.ScriptedTurns;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the audit stream has of runs, whatever becomes of their workers.
@NullUnmarked
@Timeout(60)
class AuditIT {
    private static final Duration DRAIN = Duration.ofSeconds(5);

    @TempDir static Path data;
    private static Fleet fleet;

    @BeforeAll
    static void start() {
        fleet = new Fleet(data);
    }

    @AfterAll
    static void stop() {
        fleet.close();
    }

    private static void awaitEnded(Fleet.Room room, RunId run) {
        soon().until(() ->
                room.states
                        .find(run)
                        .toCompletableFuture()
                        .get()
                        .map(RunEntry::state)
                        .filter(State.Ended.class::isInstance)
                        .isPresent());
    }

    private static AuditEvent.RunEnded end(Fleet.Room room, RunId run) {
        return (AuditEvent.RunEnded) AuditTopic.of(room, run).getLast().event();
    }

    private static <T extends AuditEvent> T only(Fleet.Room room, RunId run, Class<T> type) {
        List<T> events =
                AuditTopic.of(room, run).stream()
                        .map(AuditRecord::event)
                        .filter(type::isInstance)
                        .map(type::cast)
                        .toList();
        assertThat(events).hasSize(1);
        return events.getFirst();
    }

    @Test
    void whenRedisKnowsOfTheEndTheStreamHasTheWholeRun() throws Exception {
        try (Fleet.Room room = fleet.room("audit-whole")) {
            room.worker(4, DRAIN, Gated.open());
            RunId run = room.offer();

            awaitEnded(room, run);

            assertThat(AuditTopic.ids(room, run))
                    .containsExactly("accepted", "started/1", "turn/2", "end");
            assertThat(AuditTopic.of(room, run)).hasSize(4);
            assertThat(AuditTopic.of(room, run))
                    .allSatisfy(event -> assertThat(event.subject().agent()).isEqualTo("agent"));
            AuditEvent.RunEnded end = end(room, run);
            assertThat(end.status()).isEqualTo(RunEntry.Status.COMPLETED);
            assertThat(end.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(end.turns()).isEqualTo(1);
            assertThat(end.usage())
                    .isEqualTo(only(room, run, AuditEvent.TurnCompleted.class).usage());
            var entry =
                    (State.Ended)
                            room.states.find(run).toCompletableFuture().get().orElseThrow().state();
            assertThat(end.journal()).isEqualTo(new AuditEvent.Place(0, entry.offset()));
        }
    }

    @Test
    void aRunThatIsSilentForLongIsSeenToHaveBegun() throws Exception {
        try (Fleet.Room room = fleet.room("audit-silent")) {
            Gated model = Gated.closed();
            room.worker(4, DRAIN, model);
            RunId run = room.offer();

            soon().untilAsserted(() ->
                    assertThat(AuditTopic.ids(room, run)).containsExactly("accepted", "started/1"));
            model.gate.countDown();
            awaitEnded(room, run);
        }
    }

    @Test
    void whatAWorkerCouldNotTellTheNextOneTellsFromTheJournal() throws Exception {
        try (Fleet.Room room = fleet.room("audit-mute")) {
            AtomicBoolean mute = new AtomicBoolean(true);
            WorkerVerticle first =
                    room.worker(
                            4,
                            Duration.ofMillis(100),
                            Gated.open(),
                            room.redis,
                            muted(room.producer(), room.topics.audit(), mute));
            RunId run = room.offer();
            soon().until(() -> room.ended() == 1);

            // Nobody may forget the run yet, and the worker is gone without having told of it.
            assertThat(room.states.find(run).toCompletableFuture().get().orElseThrow().state())
                    .isNotInstanceOf(State.Ended.class);
            assertThat(AuditTopic.of(room, run)).isEmpty();
            Gated other = Gated.open();
            room.worker(4, DRAIN, other);
            first.stop();

            awaitEnded(room, run);
            // The run is said to have waited if the one that offered it again was not mute.
            assertThat(AuditTopic.ids(room, run))
                    .filteredOn(id -> !id.equals("waiting/1"))
                    .containsExactlyInAnyOrder("accepted", "started/1", "turn/2", "end");
            assertThat(end(room, run).attempt()).isEqualTo(1);
            assertThat(other.started).hasValue(0);
        }
    }

    @Test
    void aWorkerTriesUntilTheStreamTakesIt() throws Exception {
        try (Fleet.Room room = fleet.room("audit-late")) {
            AtomicBoolean mute = new AtomicBoolean(true);
            room.worker(
                    4,
                    DRAIN,
                    Gated.open(),
                    room.redis,
                    muted(room.producer(), room.topics.audit(), mute));
            RunId run = room.offer();
            soon().until(() -> room.ended() == 1);

            mute.set(false);

            awaitEnded(room, run);
            assertThat(AuditTopic.ids(room, run))
                    .containsExactlyInAnyOrder("accepted", "started/1", "turn/2", "end");
        }
    }

    @Test
    void runsThatNobodyCanBeToldOfHoldNoRoom() throws Exception {
        try (Fleet.Room room = fleet.room("audit-room")) {
            AtomicBoolean mute = new AtomicBoolean(true);
            room.worker(
                    1,
                    DRAIN,
                    Gated.open(),
                    room.redis,
                    muted(room.producer(), room.topics.audit(), mute));
            for (int i = 0; i < 3; i++) {
                room.offer();
            }

            soon().until(() -> room.ended() == 3);
            soon().until(() -> room.meters.get("sluice.worker.runs.untold").gauge().value() == 3);
            mute.set(false);

            soon().until(() -> room.meters.get("sluice.worker.runs.untold").gauge().value() == 0);
        }
    }

    @Test
    void aRunIsTakenUpThoughTheStreamDoesNotKnowOfTheTurnThatBrokeOff() throws Exception {
        try (Fleet.Room room = fleet.room("audit-away")) {
            AtomicBoolean mute = new AtomicBoolean(true);
            room.worker(
                    4,
                    DRAIN,
                    new Talker(1),
                    room.redis,
                    muted(room.producer(), room.topics.audit(), mute));
            RunId run = room.offer();
            soon().until(() -> room.replies(run).stream().anyMatch(AuditIT::isPiece));

            room.takeLeaseOf("worker-0");

            soon().until(() -> room.ended() == 1);
            assertThat(room.replies(run))
                    .filteredOn(reply -> reply.event() instanceof RunEvent.AttemptStarted)
                    .hasSize(2);
            assertThat(AuditTopic.of(room, run)).isEmpty();
            mute.set(false);
            awaitEnded(room, run);
            assertThat(AuditTopic.ids(room, run))
                    .containsExactlyInAnyOrder(
                            "accepted",
                            "started/1",
                            "cut/1/1",
                            "waiting/1",
                            "started/2",
                            "turn/4",
                            "end");
        }
    }

    @Test
    void whoSleptWhileAnotherBeganTellsNothing() throws Exception {
        try (Fleet.Room room = fleet.room("audit-slept")) {
            Gated model = Gated.closed();
            room.worker(4, DRAIN, model);
            RunId run = room.offer();
            soon().until(() -> AuditTopic.ids(room, run).contains("started/1"));

            // Another has claimed it, and begun; nobody has rung for the first one yet.
            room.redis.commands().hset(room.states.key(run), "claim", "other").get();
            room.write(run, 2, "other", 0, new RunEvent.AttemptStarted("other"));
            model.gate.countDown();
            soon().until(() ->
                    room.replies(run).stream()
                            .anyMatch(reply -> reply.event() instanceof RunEvent.RunCompleted));
            soon().until(() -> room.meters.get("sluice.worker.runs.untold").gauge().value() == 0);

            assertThat(AuditTopic.ids(room, run)).containsExactly("accepted", "started/1");
        }
    }

    @Test
    void whatRedisForgotIsReadFromTheJournal() throws Exception {
        try (Fleet.Room room = fleet.room("audit-forgot")) {
            Gated model = Gated.closed();
            room.worker(4, DRAIN, model);
            RunId run = room.offer();
            soon().until(() -> AuditTopic.ids(room, run).contains("started/1"));

            room.redis.commands().del(room.states.key(run)).get();
            model.gate.countDown();

            soon().untilAsserted(() ->
                    assertThat(AuditTopic.ids(room, run))
                            .containsExactly("accepted", "started/1", "turn/2", "end"));
            assertThat(end(room, run).turns()).isEqualTo(1);
        }
    }

    @Test
    void anEndThatNobodyToldOfIsToldThoughRedisLostItsData() throws Exception {
        try (Fleet.Room room = fleet.room("audit-emptied")) {
            String claim = "claim-of-the-dead";
            RunRequest untold = room.request(Duration.ofMinutes(1));
            room.claimedByTheDead(untold);
            // Nobody reaps it before the data is lost.
            room.redis.commands().zadd(room.states.leases(), 1e15, "dead").get(5, TimeUnit.SECONDS);
            room.write(untold.run(), 1, claim, 0, new RunEvent.AttemptStarted(claim));
            room.write(
                    untold.run(),
                    1,
                    claim,
                    1,
                    new RunEvent.RunFailed(new Failure.WorkerLost(), Usage.NONE));
            room.worker(2, DRAIN, Gated.open());
            RunId told = room.offer();
            awaitEnded(room, told);

            room.redis.commands().flushall().get(5, TimeUnit.SECONDS);

            awaitEnded(room, untold.run());
            awaitEnded(room, told);
            assertThat(AuditTopic.ids(room, untold.run()))
                    .containsExactlyInAnyOrder("accepted", "started/1", "waiting/1", "end");
            assertThat(end(room, untold.run()).status()).isEqualTo(RunEntry.Status.FAILED);
            assertThat(room.offers(Lane.INTERACTIVE)).filteredOn(told.value()::equals).hasSize(1);
        }
    }

    @Test
    void whatTheLogHasForgottenIsNotExecutedAgainWhereRedisLostItsData() throws Exception {
        try (Fleet.Room room = fleet.room("audit-trimmed");
                Admin admin = Admin.create(room.admin())) {
            String claim = "claim-of-the-dead";
            RunRequest begun = room.request(Duration.ofMinutes(1));
            room.claimedByTheDead(begun);
            // Nobody reaps it before the data is lost.
            room.redis.commands().zadd(room.states.leases(), 1e15, "dead").get(5, TimeUnit.SECONDS);
            room.write(begun.run(), 1, claim, 0, new RunEvent.AttemptStarted(claim));
            Gated model = Gated.open();
            room.worker(2, DRAIN, model);
            RunId told = room.offer();
            awaitEnded(room, told);
            TopicPartition journals = new TopicPartition(room.topics.replies(), 0);
            admin.deleteRecords(Map.of(journals, RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get(10, TimeUnit.SECONDS);

            room.redis.commands().flushall().get(5, TimeUnit.SECONDS);

            awaitEnded(room, begun.run());
            awaitEnded(room, told);
            var entry =
                    (State.Ended)
                            room.states
                                    .find(told)
                                    .toCompletableFuture()
                                    .get()
                                    .orElseThrow()
                                    .state();
            assertThat(entry.status()).isEqualTo(RunEntry.Status.COMPLETED);
            assertThat(end(room, begun.run()).failure().code()).isEqualTo("worker_lost");
            assertThat(model.started).hasValue(1);
        }
    }

    @Test
    void theTurnThatAWorkerLeftUnfinishedIsEstimated() throws Exception {
        try (Fleet.Room room = fleet.room("audit-cut")) {
            Talker model = new Talker(1);
            room.worker(4, DRAIN, model);
            RunId run = room.offer();
            soon().until(() -> room.replies(run).stream().anyMatch(AuditIT::isPiece));

            room.takeLeaseOf("worker-0");

            awaitEnded(room, run);
            assertThat(AuditTopic.ids(room, run))
                    .contains("accepted", "started/1", "waiting/1", "cut/1/1", "started/2", "end");
            AuditRecord cut =
                    AuditTopic.of(room, run).stream()
                            .filter(event -> event.event() instanceof AuditEvent.TurnCut)
                            .findFirst()
                            .orElseThrow();
            // "hello" are two tokens of four characters, and ten the 40 that were told.
            assertThat(cut.event())
                    .isEqualTo(new AuditEvent.TurnCut(1, Tokens.estimated(new Usage(2, 10, 0, 0))));
            assertThat(cut.attempt()).isEqualTo(1);
            assertThat(AuditTopic.of(room, run))
                    .anyMatch(event ->
                            event.event() instanceof AuditEvent.RunResumed && event.attempt() == 2);
            assertThat(end(room, run).attempt()).isEqualTo(2);
        }
    }

    @Test
    void theTurnThatACancellationBreaksOffIsEstimated() throws Exception {
        try (Fleet.Room room = fleet.room("audit-cancel")) {
            room.worker(4, DRAIN, new Talker(2));
            RunId run = room.offer();
            soon().until(() -> room.replies(run).stream().anyMatch(AuditIT::isPiece));

            room.cancel(run);

            awaitEnded(room, run);
            assertThat(AuditTopic.ids(room, run))
                    .containsExactly("accepted", "started/1", "cut/1/1", "end");
            assertThat(only(room, run, AuditEvent.TurnCut.class).usage().completionTokens())
                    .isEqualTo(10);
            assertThat(end(room, run).status()).isEqualTo(RunEntry.Status.CANCELLED);
            assertThat(end(room, run).usage()).isEqualTo(Tokens.of(Usage.NONE));
        }
    }

    @Test
    void whatAProviderCountedOfATurnThatFailedIsTold() throws Exception {
        try (Fleet.Room room = fleet.room("audit-fails")) {
            Usage counted = new Usage(7, 3, 1, 0);
            room.worker(
                    4,
                    DRAIN,
                    (_, _) ->
                            new Model.Answer.Failed(
                                    new Failure.UpstreamFailed("provider", 502), counted));
            RunId run = room.offer();

            awaitEnded(room, run);

            assertThat(AuditTopic.ids(room, run))
                    .containsExactly("accepted", "started/1", "cut/1/0", "end");
            assertThat(only(room, run, AuditEvent.TurnCut.class).usage())
                    .isEqualTo(Tokens.estimated(counted));
            assertThat(end(room, run).failure())
                    .isEqualTo(new FailureFacts("upstream_failed", "provider", 502, null));
            assertThat(end(room, run).usage()).isEqualTo(Tokens.of(counted));
        }
    }

    @Test
    void aRunThatIsNeverBegunIsNotSaidToHaveBeen() throws Exception {
        try (Fleet.Room room = fleet.room("audit-expired")) {
            RunRequest request = room.request(Lane.INTERACTIVE, room.redis.now().minusSeconds(1));
            room.worker(4, DRAIN, Gated.open());

            room.offer(request);

            awaitEnded(room, request.run());
            assertThat(AuditTopic.ids(room, request.run())).containsExactly("accepted", "end");
            assertThat(end(room, request.run()).status()).isEqualTo(RunEntry.Status.EXPIRED);
        }
    }

    private static boolean isPiece(Reply reply) {
        return reply.event() instanceof RunEvent.TextDelta;
    }

    /// Says forty characters and then nothing for ever, so many times; after that it answers.
    private static final class Talker implements Model {
        private final int times;
        private final AtomicInteger calls = new AtomicInteger();

        Talker(int times) {
            this.times = times;
        }

        @Override
        public Answer generate(Prompt prompt, Deltas deltas) throws InterruptedException {
            if (calls.incrementAndGet() > times) {
                return ScriptedTurns.says("hi").take(prompt, deltas);
            }
            deltas.text("x".repeat(40));
            deltas.flush();
            new CountDownLatch(1).await();
            throw new IllegalStateException("unreachable");
        }
    }

    /// A producer whose records for a topic fail while it is mute.
    @SuppressWarnings("unchecked")
    private static Producer<String, byte[]> muted(
            Producer<String, byte[]> producer, String topic, AtomicBoolean mute) {
        return (Producer<String, byte[]>)
                Proxy.newProxyInstance(
                        AuditIT.class.getClassLoader(),
                        new Class<?>[] {Producer.class},
                        (_, method, arguments) -> {
                            if (mute.get()
                                    && method.getName().equals("send")
                                    && ((ProducerRecord<?, ?>) arguments[0])
                                            .topic()
                                            .equals(topic)) {
                                TimeoutException lost = new TimeoutException("mute");
                                ((Callback) arguments[1]).onCompletion(null, lost);
                                return CompletableFuture.failedFuture(lost);
                            }
                            try {
                                return method.invoke(producer, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
