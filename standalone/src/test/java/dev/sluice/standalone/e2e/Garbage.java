package dev.sluice.standalone.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Records that are no jobs, or none that may be run. `ID` stands for the record's key.
enum Garbage {
    NOTHING(null, Map.of()),
    EMPTY("", Map.of()),
    NOT_UTF_8("{\"id\":\"ID\",\"agent\":\"plain\",\"input\":\"\u00ff\u00fe\"}", Map.of()),
    NOT_JSON("{\"id\": garbage", Map.of()),
    NO_OBJECT("[{\"id\":\"ID\"}]", Map.of()),
    WITHOUT_AN_ID("{\"agent\":\"plain\",\"input\":\"x\"}", Map.of()),
    UNKNOWN_AGENT("{\"id\":\"ID\",\"agent\":\"nobody\",\"input\":\"x\"}", Map.of()),
    BINARY_EVENT_OF_NO_VERSION(
            "{\"agent\":\"plain\",\"input\":\"x\"}",
            Map.of("ce_specversion", "9.9", "ce_id", "ID", "ce_source", "", "ce_type", "job")),
    BINARY_EVENT_FROM_NOWHERE(
            "{\"agent\":\"plain\",\"input\":\"x\"}",
            Map.of("ce_specversion", "1.0", "ce_id", "ID", "ce_source", "^", "ce_type", "job")),
    STRUCTURED_EVENT_WITHOUT_ATTRIBUTES(
            "{\"specversion\":\"1.0\",\"data\":{\"agent\":\"plain\",\"input\":\"x\"}}",
            Map.of("content-type", "application/cloudevents+json")),
    STRUCTURED_EVENT_OF_NO_JSON(
            "specversion", Map.of("content-type", "application/cloudevents+json")),
    CORRELATION_TOO_LONG(
            "{\"id\":\"ID\",\"agent\":\"plain\",\"input\":\"x\"}",
            Map.of("correlation_id", "c".repeat(100_000)));

    private final @Nullable String value;

    @SuppressWarnings("ImmutableEnumChecker") // always made by Map.of
    private final Map<String, String> headers;

    Garbage(@Nullable String value, Map<String, String> headers) {
        this.value = value;
        this.headers = headers;
    }

    /// One of each kind after the other.
    static ProducerRecord<String, byte[]> record(int number, String topic) {
        return values()[number % values().length].record(topic, key(number));
    }

    static String key(int number) {
        return "garbage-" + number;
    }

    private ProducerRecord<String, byte[]> record(String topic, String key) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(
                        topic,
                        key,
                        value == null ? null : value.replace("ID", key).getBytes(ISO_8859_1));
        headers.forEach((name, text) ->
                record.headers().add(name, text.replace("ID", key).getBytes(UTF_8)));
        return record;
    }
}
