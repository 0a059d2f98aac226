package dev.sluice.common.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.cloudevent.JsonData;
import dev.sluice.common.cloudevent.JsonEventFormat;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunId;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.format.EventDeserializationException;
import io.cloudevents.rw.CloudEventRWException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;

/// Turns events of the audit stream into Kafka records, and back: CloudEvents 1.0 as JSON, in
/// structured content mode. Safe for any thread.
public final class AuditCodec {
    private static final JsonEventFormat FORMAT = new JsonEventFormat();
    private static final ObjectWriter DATA = Json.MAPPER.writer();
    private static final Header STRUCTURED =
            new RecordHeader("content-type", JsonEventFormat.CONTENT_TYPE.getBytes(UTF_8));

    /// Not as the binary mode calls them, for which readers must not take the records.
    private static final String TYPE_HEADER = "type";

    private static final String JOB_HEADER = "job";
    private static final int ROOM = 1024;
    private static final String KEY = "sluicekey";
    private static final String AGENT = "sluiceagent";
    private static final String JOB = "sluicejob";
    private static final String ATTEMPT = "attempt";

    private final Topics topics;
    private final String gateway;
    private final String worker;

    /// A codec for the stream of these topics.
    public AuditCodec(Topics topics) {
        this.topics = topics;
        this.gateway = "/sluice/" + topics.prefix() + "/gateway";
        this.worker = "/sluice/" + topics.prefix() + "/worker";
    }

    /// The record that says this. Its headers have the event's type, and its job where it has one.
    public ProducerRecord<String, byte[]> encode(AuditRecord record) {
        AuditType type = record.event().type();
        List<Header> headers = new ArrayList<>(3);
        headers.add(STRUCTURED);
        headers.add(new RecordHeader(TYPE_HEADER, type.wireName().getBytes(UTF_8)));
        String job = record.subject().job();
        if (job != null) {
            headers.add(new RecordHeader(JOB_HEADER, job.getBytes(UTF_8)));
        }
        return new ProducerRecord<>(
                topics.audit(), null, record.kafkaKey(), json(record, type), headers);
    }

    /// Whether a record says that a run has ended, by its headers alone.
    public static boolean ends(Headers headers) {
        Header type = headers.lastHeader(TYPE_HEADER);
        return type != null
                && AuditType.named(new String(type.value(), UTF_8))
                        .filter(AuditType::ends)
                        .isPresent();
    }

    /// The same of a job's run.
    public static boolean endsJob(Headers headers) {
        return headers.lastHeader(JOB_HEADER) != null && ends(headers);
    }

    /// The whole event, written as it comes: there is one for each step of each run.
    private byte[] json(AuditRecord record, AuditType type) {
        Subject subject = record.subject();
        var bytes = new ByteArrayOutputStream(ROOM);
        try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringProperty("specversion", "1.0");
            json.writeStringProperty("id", record.id());
            json.writeStringProperty("source", happenedInGateway(type) ? gateway : worker);
            json.writeStringProperty("type", type.wireName());
            write(json, "subject", subject.run() == null ? null : subject.run().value());
            json.writeStringProperty("time", record.at().toString());
            json.writeStringProperty("datacontenttype", "application/json");
            if (record.attempt() > 0) {
                json.writeNumberProperty(ATTEMPT, record.attempt());
            }
            write(json, AGENT, subject.agent());
            write(json, JOB, subject.job());
            write(json, KEY, subject.key());
            json.writeName("data");
            DATA.writeValue(json, record.event());
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, String name, @Nullable String value) {
        if (value != null) {
            json.writeStringProperty(name, value);
        }
    }

    /// Where it happened, whoever says so: it is the same event only if that is the same.
    private static boolean happenedInGateway(AuditType type) {
        return switch (type) {
            case RUN_ACCEPTED, REQUEST_DENIED, REQUEST_LIMITED -> true;
            case RUN_STARTED,
                    RUN_WAITING,
                    RUN_RESUMED,
                    RUN_COMPLETED,
                    RUN_FAILED,
                    RUN_CANCELLED,
                    TURN_COMPLETED,
                    TURN_CUT,
                    TOOL_CALLED ->
                    false;
        };
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
