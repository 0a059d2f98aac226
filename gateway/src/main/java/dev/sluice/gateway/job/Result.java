package dev.sluice.gateway.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunId;
import dev.sluice.gateway.dialect.chat.ChatJson;
import dev.sluice.gateway.dialect.runs.RunJson;
import dev.sluice.gateway.dialect.runs.RunStatus;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What a job's submitter is sent.
///
/// @param name names the result: the same one sent twice has the same name
/// @param run the job's run; null where there is none, because the job was refused or came too late
/// @param status how the run ended, or that the job was refused
/// @param body the run as `GET /v1/runs/{id}` shows it, or why there is none
/// @param at when the run ended, or the job was refused
record Result(
        String name,
        JobOrigin job,
        @Nullable RunId run,
        String status,
        ObjectNode body,
        Instant at) {
    private static final String REFUSED = "refused";
    private static final String JSON = "application/json";

    /// The result of a run that has ended.
    static Result of(RunId run, JobOrigin job, String status, ObjectNode body, Instant at) {
        return new Result(name(run), job, run, status, body, at);
    }

    /// The name of a run's result.
    static String name(RunId run) {
        return run.value() + "-result";
    }

    /// The result of a job that may not be run.
    ///
    /// @param record what the record on the jobs topic is called
    static Result refused(String record, JobOrigin job, Failure failure, Instant at) {
        return withoutRun(record, job, REFUSED, failure, at);
    }

    /// The result of a job whose deadline had passed before it was taken.
    ///
    /// @param record what the record on the jobs topic is called
    static Result expired(String record, JobOrigin job, Instant at) {
        return withoutRun(
                record, job, RunStatus.EXPIRED.wireName(), new Failure.DeadlineExceeded(), at);
    }

    private static Result withoutRun(
            String record, JobOrigin job, String status, Failure failure, Instant at) {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.putNull("id").put("object", "run").put("status", status);
        body.set("job", RunJson.job(job));
        body.putNull("result").set("error", ChatJson.error(failure));
        return new Result(record + "-result", job, null, status, body, at);
    }

    /// The record that takes it to where the job said.
    ProducerRecord<String, byte[]> record(Topics topics) {
        byte[] value = Json.MAPPER.writeValueAsBytes(body);
        ProducerRecord<String, byte[]> record =
                job.cloudEvent() ? event(topics, value) : plain(topics, value);
        header(record, "job_id", job.id());
        header(record, "source", job.source());
        if (run != null) {
            header(record, "run_id", run.value());
        }
        header(record, "status", status);
        if (job.correlationId() != null) {
            header(record, "correlation_id", job.correlationId());
        }
        return record;
    }

    private ProducerRecord<String, byte[]> plain(Topics topics, byte[] value) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic(topics), job.replyPartition(), job.id(), value);
        header(record, "content-type", JSON);
        return record;
    }

    private ProducerRecord<String, byte[]> event(Topics topics, byte[] value) {
        CloudEvent event =
                CloudEventBuilder.v1()
                        .withId(name)
                        .withSource(URI.create("/sluice/%s/results".formatted(topics.prefix())))
                        .withType("dev.sluice.job." + status)
                        .withSubject(job.id())
                        .withTime(at.atOffset(ZoneOffset.UTC))
                        .withData(JSON, value)
                        .build();
        return KafkaMessageFactory.<String>createWriter(
                        topic(topics), job.replyPartition(), job.id())
                .writeBinary(event);
    }

    private String topic(Topics topics) {
        return Objects.requireNonNullElse(job.replyTopic(), topics.results());
    }

    /// The letter of a result that could not be delivered as this record. Repetitions of its job
    /// may have wanted it elsewhere, or under another name.
    DeadLetter letter(ProducerRecord<String, byte[]> record, String reason) {
        return new DeadLetter(
                letterId(record.topic()),
                DeadLetter.Kind.RESULT,
                reason,
                new DeadLetter.Place(record.topic(), record.partition(), null),
                record.key(),
                record.value(),
                Arrays.asList(record.headers().toArray()));
    }

    /// The letter of a result of which there is nothing.
    DeadLetter lost(Topics topics, String reason) {
        return DeadLetter.empty(
                letterId(topic(topics)),
                DeadLetter.Kind.RESULT,
                reason,
                new DeadLetter.Place(topic(topics), job.replyPartition(), null),
                job.id());
    }

    private String letterId(String topic) {
        String wanted =
                RunId.derived(
                                topic,
                                String.valueOf(job.replyPartition()),
                                String.valueOf(job.correlationId()))
                        .suffix();
        return name + "-" + wanted.substring(0, 8);
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
        record.headers().add(name, value.getBytes(UTF_8));
    }
}
