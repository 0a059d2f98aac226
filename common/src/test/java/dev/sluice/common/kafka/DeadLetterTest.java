package dev.sluice.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.kafka.DeadLetter.Kind;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class DeadLetterTest {
    private static final Topics TOPICS = new Topics("sluice");

    private static ConsumerRecord<String, byte[]> job() {
        ConsumerRecord<String, byte[]> job =
                new ConsumerRecord<>("sluice.jobs", 3, 17, "j-1", "{".getBytes(UTF_8));
        job.headers().add("source", "/shop".getBytes(UTF_8));
        return job;
    }

    /// What a consumer of the dead-letter topic gets.
    private static ConsumerRecord<String, byte[]> received(ProducerRecord<String, byte[]> sent) {
        assertThat(sent.topic()).isEqualTo("sluice.dead-letter");
        ConsumerRecord<String, byte[]> received =
                new ConsumerRecord<>(sent.topic(), 0, 5, sent.key(), sent.value());
        sent.headers().forEach(received.headers()::add);
        return received;
    }

    @Test
    void aLetterKeepsTheRecordAndSaysWhyItIsThere() {
        DeadLetter written = DeadLetter.of("job-3-17", Kind.JOB, "no JSON", job());

        ConsumerRecord<String, byte[]> received = received(written.record(TOPICS));

        DeadLetter read = DeadLetter.read(received);
        assertThat(read.id()).isEqualTo("job-3-17");
        assertThat(read.kind()).isEqualTo(Kind.JOB);
        assertThat(read.reason()).isEqualTo("no JSON");
        assertThat(read.from()).isEqualTo(new DeadLetter.Place("sluice.jobs", 3, 17L));
        assertThat(read.key()).isEqualTo("j-1");
        assertThat(read.value()).asString().isEqualTo("{");
        assertThat(read.headers())
                .singleElement()
                .satisfies(header -> {
                    assertThat(header.key()).isEqualTo("source");
                    assertThat(header.value()).asString().isEqualTo("/shop");
                });
        assertThat(DeadLetter.redriven(received)).isFalse();
    }

    @Test
    void aMarkerNamesTheLetterAndHoldsNothingOfIt() {
        DeadLetter letter = DeadLetter.of("job-3-17", Kind.JOB, "no JSON", job());

        ConsumerRecord<String, byte[]> received = received(letter.marker(TOPICS, 0));

        assertThat(DeadLetter.redriven(received)).isTrue();
        assertThat(DeadLetter.read(received).id()).isEqualTo("job-3-17");
        assertThat(received.value()).isNull();
        assertThat(received.headers().lastHeader("source")).isNull();
    }

    @Test
    void whatNeverFitsLeavesWhatIsSaidOfItAndTheBeginningOfItsKey() {
        ConsumerRecord<String, byte[]> huge =
                new ConsumerRecord<>("sluice.jobs", 3, 17, "k".repeat(1 << 20), new byte[1 << 20]);
        huge.headers().add("x", new byte[1 << 20]);
        huge.headers().add("truncated", new byte[1]);
        DeadLetter letter = DeadLetter.of("job-3-17", Kind.JOB, "r".repeat(1 << 20), huge);

        ConsumerRecord<String, byte[]> received = received(letter.bare(TOPICS));

        DeadLetter read = DeadLetter.read(received);
        assertThat(read.id()).isEqualTo("job-3-17");
        assertThat(read.key()).isEqualTo("k".repeat(255));
        assertThat(read.reason()).hasSize(2_000);
        assertThat(read.from()).isEqualTo(new DeadLetter.Place("sluice.jobs", 3, 17L));
        assertThat(read.value()).isNull();
        assertThat(read.headers()).isEmpty();
        assertThat(DeadLetter.text(received.headers(), "truncated")).hasValue("true");
        assertThat(DeadLetter.text(letter.withoutValue(TOPICS).headers(), "truncated"))
                .hasValue("true");
        assertThat(letter.record(TOPICS).headers().lastHeader("truncated")).isNull();
    }

    @Test
    void anOfferThatAnEarlierVersionLaidAsideIsARun() {
        ConsumerRecord<String, byte[]> old =
                new ConsumerRecord<>("sluice.dead-letter", 0, 5, "run_1", new byte[0]);
        old.headers().add("reason", "crashed".getBytes(UTF_8));

        DeadLetter read = DeadLetter.read(old);

        assertThat(read.kind()).isEqualTo(Kind.RUN);
        assertThat(read.id()).isEqualTo("run_1");
        assertThat(read.from().partition()).isNull();
    }

    @Test
    void whereNoPartitionIsAskedForNoneIsNamed() {
        DeadLetter letter =
                new DeadLetter(
                        "run_1-result",
                        Kind.RESULT,
                        "away",
                        new DeadLetter.Place("shop.answers", null, null),
                        "j-1",
                        new byte[3],
                        java.util.List.of());

        assertThat(DeadLetter.read(received(letter.record(TOPICS))).from())
                .isEqualTo(new DeadLetter.Place("shop.answers", null, null));
        assertThat(letter.withoutValue(TOPICS).value()).isNull();
    }
}
