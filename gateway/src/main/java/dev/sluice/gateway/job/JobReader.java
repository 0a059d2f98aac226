package dev.sluice.gateway.job;

import dev.sluice.common.config.JobsConfig;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobId;
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
    private static final int LONGEST_SOURCE = 256;
    private static final int LONGEST_CORRELATION = 1024;

    /// What says when and before whom it is to run, and not what.
    private static final List<String> NOT_ITS_CONTENT = List.of("deadline", "timeout", "priority");

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

    /// Where its result is to go is read first of all, so that whoever waits there hears of
    /// whatever is wrong with the rest.
    Submission read(ConsumerRecord<String, byte[]> record) {
        JobOrigin origin = address(record);
        try {
            Envelope envelope = Envelope.of(record);
            ObjectNode body = envelope.object();
            origin = named(origin, id(envelope, body), "", null);
            origin = named(origin, origin.id(), source(envelope, body), null);
            refuseAddress(record.headers());
            return job(origin, body);
        } catch (Envelope.UnreadableException e) {
            return new Submission.Refused(
                    origin, new Failure.InvalidRequest(null, String.valueOf(e.getMessage())));
        } catch (RefusedException e) {
            return new Submission.Refused(origin, e.failure);
        }
    }

    /// Where a result goes, whatever is wrong with the record, as far as it may go there.
    private JobOrigin address(ConsumerRecord<String, byte[]> record) {
        Headers headers = record.headers();
        String topic = DeadLetter.text(headers, REPLY_TOPIC).orElse(topics.results());
        boolean allowed = isReplyTopic(topic);
        return new JobOrigin(
                nameless(record),
                "",
                allowed && !topic.equals(topics.results()) ? topic : null,
                DeadLetter.text(headers, REPLY_PARTITION)
                        .filter(partition -> allowed && isPartition(partition))
                        .map(Integer::valueOf)
                        .orElse(null),
                DeadLetter.text(headers, CORRELATION_ID)
                        .filter(text -> isText(text, LONGEST_CORRELATION))
                        .orElse(null),
                Envelope.isCloudEvent(headers));
    }

    private void refuseAddress(Headers headers) throws RefusedException {
        String topic = DeadLetter.text(headers, REPLY_TOPIC).orElse(topics.results());
        if (!isReplyTopic(topic)) {
            throw new RefusedException(
                    REPLY_TOPIC,
                    "results may not be sent to '%s', see jobs.reply_topics.".formatted(topic),
                    "reply_topic_not_allowed");
        }
        if (!isPartition(DeadLetter.text(headers, REPLY_PARTITION).orElse("0"))) {
            throw new RefusedException(
                    REPLY_PARTITION, "expected the number of a partition.", "invalid_value");
        }
        text(
                CORRELATION_ID,
                DeadLetter.text(headers, CORRELATION_ID).orElse(""),
                LONGEST_CORRELATION);
    }

    private boolean isReplyTopic(String topic) {
        return topic.equals(topics.results())
                || (!topics.internal(topic) && config.repliesTo(topic));
    }

    private static boolean isPartition(String partition) {
        return partition.matches("\\d{1,9}");
    }

    private static JobOrigin toResults(JobOrigin origin) {
        return new JobOrigin(
                origin.id(),
                origin.source(),
                null,
                null,
                origin.correlationId(),
                origin.cloudEvent());
    }

    private static JobOrigin named(
            JobOrigin origin, String id, String source, @Nullable String digest) {
        return new JobOrigin(
                id,
                source,
                origin.replyTopic(),
                origin.replyPartition(),
                origin.correlationId(),
                origin.cloudEvent(),
                digest);
    }

    /// What a job goes by that has no id of its own.
    private static String nameless(ConsumerRecord<String, byte[]> record) {
        String key = record.key();
        return key != null && JobId.isOne(key)
                ? key
                : "%s-%d-%d".formatted(record.topic(), record.partition(), record.offset());
    }

    private static boolean isText(String text, int longest) {
        return text.length() <= longest && text.chars().noneMatch(Character::isISOControl);
    }

    private static String text(String field, String value, int longest) throws RefusedException {
        if (!isText(value, longest)) {
            throw new RefusedException(
                    field,
                    "expected at most %d characters, none of them a control character."
                            .formatted(longest),
                    "invalid_value");
        }
        return value;
    }

    private Submission job(JobOrigin origin, ObjectNode body) throws RefusedException {
        body.remove(List.of(ID, SOURCE));
        Ask ask =
                switch (dialect.parseJob(body)) {
                    case Dialect.Parsed.Accepted(Ask read) -> read;
                    case Dialect.Parsed.Refused(Failure failure) ->
                            throw new RefusedException(failure);
                };
        return switch (rights.judge(origin, ask.agent(), ask.terms().lane())) {
            case JobRights.Verdict.Admitted(String key) ->
                    new Submission.Job(
                            named(origin, origin.id(), origin.source(), digest(body)), ask, key);
            // Who may submit nothing may send nothing anywhere either.
            case JobRights.Verdict.Refused(Failure.InvalidRequest failure)
                    when JobRights.NOT_ADMITTED.equals(failure.code()) ->
                    new Submission.Refused(toResults(origin), failure);
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
        if (!JobId.isOne(id)) {
            throw new RefusedException(ID, JobId.RULE, "invalid_value");
        }
        return id;
    }

    private static String source(Envelope envelope, ObjectNode body) throws RefusedException {
        String source = envelope.source() != null ? envelope.source() : text(body, SOURCE);
        return source == null ? "" : text(SOURCE, source, LONGEST_SOURCE);
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

    private static String digest(ObjectNode body) {
        body.remove(NOT_ITS_CONTENT);
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
