package dev.sluice.common.audit;

import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.cloudevent.JsonData;
import dev.sluice.common.cloudevent.JsonEventFormat;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunId;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.format.EventDeserializationException;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.rw.CloudEventRWException;
import java.net.URI;
import java.time.ZoneOffset;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Turns events of the audit stream into Kafka records, and back: CloudEvents 1.0 as JSON, in
/// structured content mode. Safe for any thread.
public final class AuditCodec {
    private static final JsonEventFormat FORMAT = new JsonEventFormat();
    private static final String JSON = "application/json";
    private static final String KEY = "sluicekey";
    private static final String AGENT = "sluiceagent";
    private static final String JOB = "sluicejob";
    private static final String ATTEMPT = "attempt";

    private final Topics topics;

    /// A codec for the stream of these topics.
    public AuditCodec(Topics topics) {
        this.topics = topics;
    }

    /// The record that says this.
    public ProducerRecord<String, byte[]> encode(AuditRecord record) {
        return KafkaMessageFactory.<String>createWriter(topics.audit(), record.kafkaKey())
                .writeStructured(event(record), FORMAT);
    }

    private CloudEvent event(AuditRecord record) {
        Subject subject = record.subject();
        CloudEventBuilder event =
                CloudEventBuilder.v1()
                        .withId(record.id())
                        .withSource(source(record.event().type()))
                        .withType(record.event().type().wireName())
                        .withTime(record.at().atOffset(ZoneOffset.UTC))
                        .withData(JSON, new JsonData(Json.MAPPER.valueToTree(record.event())));
        if (subject.run() != null) {
            event.withSubject(subject.run().value());
        }
        extend(event, KEY, subject.key());
        extend(event, AGENT, subject.agent());
        extend(event, JOB, subject.job());
        if (record.attempt() > 0) {
            event.withExtension(ATTEMPT, record.attempt());
        }
        return event.build();
    }

    /// Where it happened, whoever says so: it is the same event only if that is the same.
    private URI source(AuditType type) {
        String side =
                switch (type) {
                    case RUN_ACCEPTED, REQUEST_DENIED, REQUEST_LIMITED -> "gateway";
                    case RUN_STARTED,
                            RUN_RESUMED,
                            RUN_COMPLETED,
                            RUN_FAILED,
                            RUN_CANCELLED,
                            TURN_COMPLETED,
                            TURN_CUT,
                            TOOL_CALLED ->
                            "worker";
                };
        return URI.create("/sluice/" + topics.prefix() + "/" + side);
    }

    private static void extend(CloudEventBuilder event, String name, @Nullable String value) {
        if (value != null) {
            event.withExtension(name, value);
        }
    }

    /// What a record's value says; empty where it is of a kind that this version does not know.
    ///
    /// @throws MalformedException if it is no event of the audit stream
    public static Optional<AuditRecord> decode(byte @Nullable [] value) {
        if (value == null) {
            throw new MalformedException("a record without a value", null);
        }
        try {
            CloudEvent event = FORMAT.deserialize(value);
            return AuditType.named(event.getType()).map(type -> record(type, event));
        } catch (EventDeserializationException
                | CloudEventRWException
                | JacksonException
                | IllegalArgumentException
                | ClassCastException e) {
            throw new MalformedException("not an event of the audit stream", e);
        }
    }

    private static AuditRecord record(AuditType type, CloudEvent event) {
        if (!(event.getData() instanceof JsonData(JsonNode json)) || event.getTime() == null) {
            throw new IllegalArgumentException("an event without data or time");
        }
        String run = event.getSubject();
        Object attempt = event.getExtension(ATTEMPT);
        return new AuditRecord(
                event.getId(),
                event.getTime().toInstant(),
                new Subject(
                        run == null ? null : new RunId(run),
                        text(event, KEY),
                        text(event, AGENT),
                        text(event, JOB)),
                attempt == null ? 0 : (Integer) attempt,
                Json.MAPPER.treeToValue(json, type.data()));
    }

    private static @Nullable String text(CloudEvent event, String name) {
        Object value = event.getExtension(name);
        return value == null ? null : value.toString();
    }

    /// Thrown where a record is no event of the audit stream.
    public static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MalformedException(String what, @Nullable Exception cause) {
            super(what, cause);
        }
    }
}
