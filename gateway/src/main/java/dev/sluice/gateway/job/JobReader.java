package dev.sluice.gateway.job;

import dev.sluice.common.config.JobsConfig;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Json;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.chat.ChatDialect;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Reads the records of the jobs topic, and says whether what they ask for may be run. Safe for any
/// thread.
final class JobReader {
    private static final String ID = "id";
    private static final String SOURCE = "source";
    private static final String REPLY_TOPIC = "reply_topic";
    private static final String REPLY_PARTITION = "reply_partition";
    private static final String CORRELATION_ID = "correlation_id";
    private static final int LONGEST_ID = 255;

    /// Two jobs that differ in the order of their fields, or in spaces, ask for the same.
    private static final JsonMapper CANONICAL =
            Json.MAPPER.rebuild().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

    private final ChatDialect dialect = new ChatDialect();
    private final JobsConfig config;
    private final Topics topics;
    private final JobRights rights;

    JobReader(JobsConfig config, Topics topics, JobRights rights) {
        this.config = config;
        this.topics = topics;
        this.rights = rights;
    }

    /// Ends the reading of a job at the first thing that is wrong with it.
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Failure failure;

        RefusedException(Failure failure) {
            super(null, null, false, false);
            this.failure = failure;
        }

        RefusedException(String field, String problem, String code) {
            this(
                    new Failure.InvalidRequest(
                            field, "Invalid '%s': %s".formatted(field, problem), code));
        }
    }

    Submission read(ConsumerRecord<String, byte[]> record) {
        Headers headers = record.headers();
        String correlation = DeadLetter.text(headers, CORRELATION_ID).orElse(null);
        boolean event = Envelope.isCloudEvent(headers);
        // As much as is known, for a result that says what is wrong.
        JobOrigin origin = new JobOrigin(nameless(record), "", null, null, correlation, event);
        try {
            Envelope envelope = Envelope.of(record);
            ObjectNode body = envelope.object();
            String id = id(envelope, body);
            String source = source(envelope, body);
            origin = new JobOrigin(id, source, null, null, correlation, event);
            origin =
                    new JobOrigin(
                            id,
                            source,
                            replyTopic(headers),
                            replyPartition(headers),
                            correlation,
                            event);
            return job(origin, body);
        } catch (Envelope.UnreadableException e) {
            return new Submission.Refused(
                    origin, new Failure.InvalidRequest(null, String.valueOf(e.getMessage())));
        } catch (RefusedException e) {
            return new Submission.Refused(origin, e.failure);
        }
    }

    /// What a job goes by that has no id of its own.
    private static String nameless(ConsumerRecord<String, byte[]> record) {
        String key = record.key();
        return key != null && !key.isBlank() && key.length() <= LONGEST_ID
                ? key
                : "%s-%d-%d".formatted(record.topic(), record.partition(), record.offset());
    }

    private Submission job(JobOrigin origin, ObjectNode body) throws RefusedException {
        body.remove(List.of(ID, SOURCE));
        Ask ask =
                switch (dialect.parseJob(body)) {
                    case Dialect.Parsed.Accepted(Ask read) -> read;
                    case Dialect.Parsed.Refused(Failure failure) ->
                            throw new RefusedException(failure);
                };
        return switch (rights.judge(origin.source(), ask.agent())) {
            case JobRights.Verdict.Admitted(String key) ->
                    new Submission.Job(origin, ask, key, digest(body));
            case JobRights.Verdict.Refused(Failure failure) ->
                    new Submission.Refused(origin, failure);
        };
    }

    private static String id(Envelope envelope, ObjectNode body) throws RefusedException {
        String id = envelope.id() != null ? envelope.id() : text(body, ID);
        if (id == null) {
            throw new RefusedException(
                    new Failure.InvalidRequest(
                            ID, "Missing required parameter: 'id'.", "missing_required_parameter"));
        }
        if (id.isBlank()
                || id.length() > LONGEST_ID
                || id.chars().anyMatch(Character::isISOControl)) {
            throw new RefusedException(
                    ID,
                    "expected 1 to %d characters, none of them a control character."
                            .formatted(LONGEST_ID),
                    "invalid_value");
        }
        return id;
    }

    private static String source(Envelope envelope, ObjectNode body) throws RefusedException {
        if (envelope.source() != null) {
            return envelope.source();
        }
        String source = text(body, SOURCE);
        return source == null ? "" : source;
    }

    private static @Nullable String text(ObjectNode body, String name) throws RefusedException {
        JsonNode value = body.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new RefusedException(name, "expected a string.", "invalid_type");
        }
        return value.stringValue();
    }

    private @Nullable String replyTopic(Headers headers) throws RefusedException {
        String topic = DeadLetter.text(headers, REPLY_TOPIC).orElse(null);
        if (topic == null || topic.equals(topics.results())) {
            return null;
        }
        if (topics.internal(topic) || !config.repliesTo(topic)) {
            throw new RefusedException(
                    REPLY_TOPIC,
                    "results may not be sent to '%s', see jobs.reply_topics.".formatted(topic),
                    "reply_topic_not_allowed");
        }
        return topic;
    }

    private static @Nullable Integer replyPartition(Headers headers) throws RefusedException {
        String partition = DeadLetter.text(headers, REPLY_PARTITION).orElse(null);
        if (partition == null) {
            return null;
        }
        if (!partition.matches("\\d{1,9}")) {
            throw new RefusedException(
                    REPLY_PARTITION, "expected the number of a partition.", "invalid_value");
        }
        return Integer.valueOf(partition);
    }

    private static String digest(ObjectNode body) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(CANONICAL.writeValueAsBytes(body)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
