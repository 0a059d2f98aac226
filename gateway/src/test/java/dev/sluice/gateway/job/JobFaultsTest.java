package dev.sluice.gateway.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import io.lettuce.core.RedisException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of records with which something is wrong that will never be right.
@NullUnmarked
@Timeout(20)
class JobFaultsTest {
    private static final Topics TOPICS = new Topics("sluice");
    private static final Duration RETRY = Duration.ofMillis(200);

    /// What the reply topic says to results; null where it takes them.
    private volatile RuntimeException failure;

    private final Picky producer =
            new Picky(record -> record.topic().equals("shop.answers") ? failure : null);
    private final Patience patience = new Patience();
    private final JobMeters meters = new JobMeters(new SimpleMeterRegistry());
    private final ResultSender sender = new ResultSender(producer, TOPICS, RETRY, patience, meters);

    private static ConsumerRecord<String, byte[]> job() {
        return new ConsumerRecord<>(
                TOPICS.jobs(),
                2,
                7,
                "k",
                "{\"id\":\"j-1\",\"agent\":\"demo\",\"input\":\"x\"}".getBytes(UTF_8));
    }

    private static Result result(String topic) {
        return Result.refused(
                "job-2-7",
                new JobOrigin("j-1", "/shop", topic, null, null, false),
                new Failure.Internal(),
                Clock.systemUTC().instant());
    }

    private List<ProducerRecord<String, byte[]>> sentTo(String topic) {
        return producer.history().stream().filter(one -> one.topic().equals(topic)).toList();
    }

    private static void settled(CompletionStage<Void> settling) {
        await().until(settling.toCompletableFuture()::isDone);
        assertThat(settling).isCompleted();
    }

    @Test
    void aJobOfWhichTakingAlwaysThrowsIsRefused() {
        SluiceConfig config =
                ConfigLoader.parse(
                        """
                        providers: { p: { kind: openai, base_url: 'http://127.0.0.1:1/v1' } }
                        agents: { demo: { provider: p, model: m } }
                        """,
                        "sluice.yaml",
                        Map.of());
        JobIntake broken =
                new JobIntake(
                        new JobReader(config.jobs(), TOPICS, JobRightsTest.rights(config)),
                        new JobIntake.Parts(null, null, null, null, null, null, null, null, null),
                        null,
                        new RefusedJobs(sender, meters, Clock.systemUTC()),
                        patience,
                        meters);

        settled(broken.settle(job()));

        assertThat(sentTo(TOPICS.results()))
                .singleElement()
                .satisfies(result ->
                        assertThat(DeadLetter.text(result.headers(), "status"))
                                .hasValue("refused"));
        assertThat(sentTo(TOPICS.deadLetter()))
                .singleElement()
                .satisfies(letter ->
                        assertThat(DeadLetter.text(letter.headers(), "letter"))
                                .hasValue(RefusedJobs.letterId(job())));
    }

    @Test
    void onlyWhatIsAwayIsTriedAgain() {
        AtomicInteger tries = new AtomicInteger();
        CompletionStage<Void> away =
                patience.untilDone(
                        "trying",
                        () ->
                                tries.incrementAndGet() < 3
                                        ? CompletableFuture.failedStage(new RedisException("x"))
                                        : CompletableFuture.failedStage(
                                                new ArithmeticException("always")));

        await().until(away.toCompletableFuture()::isDone);
        assertThat(tries).hasValue(3);
        assertThat(away.toCompletableFuture().exceptionNow())
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void aResultThatKafkaWillNeverTakeIsLaidAsideAtOnce() {
        failure = new InvalidTopicException("never");

        settled(sender.deliver(result("shop.answers")));

        assertThat(sentTo("shop.answers")).isEmpty();
        assertThat(sentTo(TOPICS.deadLetter()))
                .singleElement()
                .satisfies(letter ->
                        assertThat(DeadLetter.text(letter.headers(), "reason"))
                                .hasValue(
                                        "Kafka did not take the result for topic shop.answers"
                                                + " (InvalidTopicException)."));
    }

    @Test
    void aResultIsTriedForAWhileAndThenLaidAside() {
        failure = new TimeoutException("not there");
        long begun = System.nanoTime();

        settled(sender.deliver(result("shop.answers")));

        assertThat(System.nanoTime() - begun).isGreaterThan(RETRY.toNanos());
        assertThat(sentTo("shop.answers")).isEmpty();
        assertThat(sentTo(TOPICS.deadLetter())).hasSize(1);
    }

    @Test
    void aTopicThatIsBackInTimeGetsTheResult() {
        failure = new TimeoutException("not there");
        ResultSender patient =
                new ResultSender(producer, TOPICS, Duration.ofMinutes(1), patience, meters);
        CompletionStage<Void> delivery = patient.deliver(result("shop.answers"));

        failure = null;

        settled(delivery);
        assertThat(sentTo("shop.answers")).hasSize(1);
        assertThat(sentTo(TOPICS.deadLetter())).isEmpty();
    }

    @Test
    void resultsThatWaitForOneTopicAreBoundedAndTheRestIsLaidAside() {
        failure = new TimeoutException("not there");
        ResultSender patient =
                new ResultSender(producer, TOPICS, Duration.ofMinutes(1), patience, meters);

        for (int i = 0; i < 600; i++) {
            patient.deliver(result("shop.answers"));
        }

        assertThat(sentTo(TOPICS.deadLetter())).hasSize(600 - 512);
        patience.close();
    }

    @Test
    void aRecordWhoseHeadersNeverFitLeavesALetterAllTheSame() {
        Picky small =
                new Picky(record ->
                        Arrays.stream(record.headers().toArray())
                                        .anyMatch(header -> header.value().length > 3_000)
                                ? new RecordTooLargeException("too large")
                                : null);
        ConsumerRecord<String, byte[]> huge = job();
        huge.headers().add("x", new byte[10_000]);

        settled(
                new ResultSender(small, TOPICS, RETRY, patience, meters)
                        .lay(DeadLetter.of("job-2-7", DeadLetter.Kind.JOB, "no job", huge)));

        assertThat(small.history())
                .singleElement()
                .satisfies(letter -> {
                    assertThat(DeadLetter.text(letter.headers(), "truncated")).hasValue("true");
                    assertThat(letter.headers().lastHeader("x")).isNull();
                });
    }

    /// A producer that does not take everything.
    private static final class Picky extends MockProducer<String, byte[]> {
        private final Function<ProducerRecord<String, byte[]>, RuntimeException> wrong;

        Picky(Function<ProducerRecord<String, byte[]>, RuntimeException> wrong) {
            super(true, null, new StringSerializer(), new ByteArraySerializer());
            this.wrong = wrong;
        }

        @Override
        public synchronized Future<RecordMetadata> send(
                ProducerRecord<String, byte[]> record, Callback callback) {
            RuntimeException failure = wrong.apply(record);
            if (failure == null) {
                return super.send(record, callback);
            }
            callback.onCompletion(null, failure);
            return CompletableFuture.failedFuture(failure);
        }
    }
}
