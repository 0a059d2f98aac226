package dev.sluice.standalone.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.standalone.e2e.fixture.Settings;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Jobs by their numbers, some of which are submitted twice, fail, or have workers die of them, and
/// garbage between them.
record JobFlood(Settings settings, String topic) {
    static final int JOBS = Integer.getInteger("sluice.jobs", 10_000);
    static final int POISONED = 5;
    private static final int DUPLICATE_EVERY = 10;
    private static final int GARBAGE_EVERY = 50;
    static final int GARBAGE = (JOBS + GARBAGE_EVERY - 1) / GARBAGE_EVERY;
    private static final int FAILING_EVERY = 97;

    static boolean isPoisoned(int number) {
        return number > 0 && number <= POISONED;
    }

    static boolean isOrdinary(int number) {
        return !isPoisoned(number);
    }

    static boolean fails(int number) {
        return number % FAILING_EVERY == 0;
    }

    static boolean isSubmittedTwice(int number) {
        return number % DUPLICATE_EVERY == 0;
    }

    static int number(String id) {
        return Integer.parseInt(id.substring(id.length() - 5));
    }

    private static String id(int number) {
        return "job-%05d".formatted(number);
    }

    /// The ids of all.
    static List<String> ids() {
        return ids(_ -> true);
    }

    /// The ids of those that workers die of.
    static List<String> poisoned() {
        return ids(JobFlood::isPoisoned);
    }

    private static List<String> ids(IntPredicate which) {
        return IntStream.range(0, JOBS).filter(which).mapToObj(JobFlood::id).toList();
    }

    void submit(IntPredicate which) {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(KafkaSettings.of(settings.config()).patientProducer())) {
            IntStream.range(0, JOBS).filter(which).forEach(i -> submit(producer, i));
        }
    }

    private void submit(KafkaProducer<String, byte[]> producer, int number) {
        String job =
                "{\"id\":\"%s\",\"agent\":\"%s\",\"input\":\"%s %s%s\"}"
                        .formatted(
                                id(number),
                                fails(number) ? "absent" : "plain",
                                isPoisoned(number) ? "poison" : "question",
                                id(number),
                                " more".repeat(number % 7));
        send(producer, id(number), job);
        if (isSubmittedTwice(number)) {
            send(producer, id(number), job.replace(",", ", "));
        }
        if (number % GARBAGE_EVERY == 0) {
            producer.send(Garbage.record(number / GARBAGE_EVERY, topic));
        }
    }

    private void send(KafkaProducer<String, byte[]> producer, String key, String value) {
        producer.send(new ProducerRecord<>(topic, key, value.getBytes(UTF_8)));
    }
}
