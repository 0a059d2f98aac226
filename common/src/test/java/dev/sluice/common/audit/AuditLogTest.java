package dev.sluice.common.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

class AuditLogTest {
    private static final int LARGEST = 2_000;

    private final MockProducer<String, byte[]> producer =
            new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
    private final AuditLog log = new AuditLog(producer, new Topics("sluice"), LARGEST, true);

    private static AuditRecord called(String result) {
        return new AuditRecord(
                "run_1/tool/2",
                Instant.EPOCH,
                new Subject(new RunId("run_1"), null, "agent", null),
                1,
                new AuditEvent.ToolCalled(
                        1,
                        "call_1",
                        "tool",
                        AuditEvent.ToolCalled.Outcome.OK,
                        1,
                        "digest",
                        "{}",
                        List.of(new ContentPart.Text(result))));
    }

    private AuditEvent written() {
        return AuditCodec.decode(producer.history().getLast().value()).orElseThrow().event();
    }

    @Test
    void anEventIsWrittenWhenTheBrokerHasIt() {
        CompletableFuture<Void> written = log.write(called("noon")).toCompletableFuture();

        assertThat(written).isNotDone();
        producer.completeNext();
        assertThat(written).isCompleted();
        assertThat(written()).isEqualTo(called("noon").event());
    }

    @Test
    void whatIsTooLargeIsWrittenWithoutWhatWasSaid() {
        log.write(called("x".repeat(LARGEST)));

        assertThat(written()).isEqualTo(called("").event().withoutContent());
    }

    @Test
    void whatCouldNotBeWrittenCanBeWrittenAgain() {
        CompletableFuture<Void> first = log.write(called("noon")).toCompletableFuture();
        producer.errorNext(new IllegalStateException("away"));
        assertThat(first).isCompletedExceptionally();

        CompletableFuture<Void> second = log.write(called("noon")).toCompletableFuture();
        producer.completeNext();

        assertThat(second).isCompleted();
        assertThat(producer.history()).hasSize(2);
    }

    @Test
    void aProducerThatThrowsFailsTheWrite() {
        producer.sendException = new KafkaException("closed");

        assertThat(log.write(called("noon")).toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void whatTheBrokerFindsTooLargeIsWrittenWithoutWhatWasSaidOnce() {
        CompletableFuture<Void> written = log.write(called("noon")).toCompletableFuture();

        producer.errorNext(new RecordTooLargeException());

        assertThat(written()).isEqualTo(called("").event().withoutContent());
        assertThat(written).isNotDone();
        producer.errorNext(new RecordTooLargeException());
        assertThat(written).isCompleted();
        assertThat(producer.history()).hasSize(2);
    }

    @Test
    void whatCannotBeEncodedIsWrittenWithoutWhatWasSaid() {
        ContentPart broken =
                new ContentPart.Verbatim(
                        Map.of("x", JsonNodeFactory.instance.pojoNode(new Unreadable())));
        AuditRecord event =
                new AuditRecord(
                        "run_1/tool/2",
                        Instant.EPOCH,
                        new Subject(new RunId("run_1"), null, "agent", null),
                        1,
                        new AuditEvent.ToolCalled(
                                1,
                                "call_1",
                                "tool",
                                AuditEvent.ToolCalled.Outcome.OK,
                                1,
                                "digest",
                                "{}",
                                List.of(broken)));

        log.write(event);

        assertThat(written()).isEqualTo(event.event().withoutContent());
    }

    /// Something that no JSON is made of.
    public static final class Unreadable {
        public Unreadable getSelf() {
            return this;
        }
    }
}
