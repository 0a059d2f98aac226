package dev.sluice.gateway.job;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.gateway.dialect.ClientJson;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What is in a record of the jobs topic, however it is wrapped: plain JSON, or a CloudEvent as a
/// whole (structured mode) or with its attributes in headers (binary mode).
///
/// @param id the CloudEvent's id; null where there is none
/// @param source the CloudEvent's source, or that of the header; null where there is neither
/// @param body the job as JSON, whatever it is
/// @param cloudEvent whether it came as one
record Envelope(@Nullable String id, @Nullable String source, JsonNode body, boolean cloudEvent) {
    private static final String CONTENT_TYPE = "content-type";
    private static final String SPEC_VERSION = "ce_specversion";
    private static final String SOURCE = "source";

    /// Thrown where a record cannot be opened; the message may be told to whoever sent it.
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String problem) {
            super("We could not parse the job. " + problem, null, false, false);
        }
    }

    /// Whether a record says that it is a CloudEvent.
    static boolean isCloudEvent(Headers headers) {
        return headers.lastHeader(SPEC_VERSION) != null
                || DeadLetter.text(headers, CONTENT_TYPE)
                        .filter(type ->
                                type.toLowerCase(Locale.ROOT).startsWith("application/cloudevents"))
                        .isPresent();
    }

    static Envelope of(ConsumerRecord<String, byte[]> record) throws UnreadableException {
        return isCloudEvent(record.headers())
                ? opened(event(record))
                : new Envelope(
                        null,
                        DeadLetter.text(record.headers(), SOURCE).orElse(null),
                        json(record.value()),
                        false);
    }

    /// In either mode; the library's reader finds our format by itself.
    private static CloudEvent event(ConsumerRecord<String, byte[]> record)
            throws UnreadableException {
        try {
            return KafkaMessageFactory.createReader(record).toEvent();
        } catch (RuntimeException e) {
            throw new UnreadableException("It is not a valid CloudEvent.");
        }
    }

    private static Envelope opened(CloudEvent event) throws UnreadableException {
        CloudEventData data = event.getData();
        return new Envelope(
                event.getId(),
                event.getSource() == null ? null : event.getSource().toString(),
                json(data == null ? null : data.toBytes()),
                true);
    }

    private static JsonNode json(byte @Nullable [] value) throws UnreadableException {
        try {
            return ClientJson.read(value == null ? new byte[0] : value);
        } catch (ClientJson.MalformedException e) {
            throw new UnreadableException(e.problem());
        }
    }

    /// The job, if it is an object.
    ObjectNode object() throws UnreadableException {
        if (body instanceof ObjectNode object) {
            return object;
        }
        throw new UnreadableException("It is not a JSON object.");
    }
}
