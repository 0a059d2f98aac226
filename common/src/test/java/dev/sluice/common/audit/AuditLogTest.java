package dev.sluice.common.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.RunId;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

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
                        false,
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
        CompletableFuture<Void> written =
                log.write(log.prepare(called("noon"))).toCompletableFuture();

        assertThat(written).isNotDone();
        producer.completeNext();
        assertThat(written).isCompleted();
        assertThat(written()).isEqualTo(called("noon").event());
    }

    @Test
    void whatIsTooLargeIsWrittenWithoutWhatWasSaid() {
        log.write(log.prepare(called("x".repeat(LARGEST))));

        assertThat(written()).isEqualTo(called("").event().withoutContent());
    }

    @Test
    void whatCouldNotBeWrittenCanBeWrittenAgain() {
        AuditLog.Entry entry = log.prepare(called("noon"));
        CompletableFuture<Void> first = log.write(entry).toCompletableFuture();
        producer.errorNext(new IllegalStateException("away"));
        assertThat(first).isCompletedExceptionally();

        CompletableFuture<Void> second = log.write(entry).toCompletableFuture();
        producer.completeNext();

        assertThat(second).isCompleted();
        assertThat(producer.history()).hasSize(2);
    }

    @Test
    void aProducerThatThrowsFailsTheWrite() {
        producer.sendException = new KafkaException("closed");

        assertThat(log.write(log.prepare(called("noon"))).toCompletableFuture())
                .isCompletedExceptionally();
    }
}
