package dev.sluice.gateway.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.gateway.dialect.Ask;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobReaderTest {
    private static final String JOB =
            "{\"id\":\"j-1\",\"agent\":\"demo\",\"input\":\"Say hi\",\"metadata\":{\"b\":\"2\",\"a\":\"1\"}}";
    private static final SluiceConfig CONFIG =
            ConfigLoader.parse(
                    """
                    providers: { p: { kind: openai, base_url: 'http://127.0.0.1:1/v1' } }
                    agents: { demo: { provider: p, model: m }, other: { provider: p, model: m } }
                    jobs: { reply_topics: ['shop.*', 'sluice.*'] }
                    """,
                    "sluice.yaml",
                    Map.of());

    private final JobReader reader =
            new JobReader(CONFIG.jobs(), new Topics("sluice"), JobRightsTest.rights(CONFIG));

    private static ConsumerRecord<String, byte[]> record(
            @Nullable String key, @Nullable String value, String... headers) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>(
                        "sluice.jobs", 2, 7, key, value == null ? null : value.getBytes(UTF_8));
        for (int i = 0; i < headers.length; i += 2) {
            record.headers().add(headers[i], headers[i + 1].getBytes(UTF_8));
        }
        return record;
    }

    private static ConsumerRecord<String, byte[]> received(ProducerRecord<String, byte[]> sent) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>("sluice.jobs", 2, 7, sent.key(), sent.value());
        sent.headers().forEach(record.headers()::add);
        return record;
    }

    private Submission.Job job(ConsumerRecord<String, byte[]> record) {
        return switch (reader.read(record)) {
            case Submission.Job job -> job;
            case Submission.Refused(_, Failure failure) -> throw new AssertionError(failure);
        };
    }

    private Submission.Refused refused(ConsumerRecord<String, byte[]> record) {
        return switch (reader.read(record)) {
            case Submission.Job job -> throw new AssertionError(job);
            case Submission.Refused refused -> refused;
        };
    }

    private Failure.InvalidRequest problem(String value, String... headers) {
        return (Failure.InvalidRequest) refused(record(null, value, headers)).failure();
    }

    @Test
    void aPlainRecordIsABatchRunOfItsTextUnderItsOwnId() {
        Submission.Job job = job(record("k", JOB));

        assertThat(job.origin())
                .isEqualTo(new JobOrigin("j-1", "", null, null, null, false, job.digest()));
        assertThat(job.key()).isNull();
        Ask ask = job.ask();
        assertThat(ask.agent()).isEqualTo("demo");
        assertThat(ask.messages()).containsExactly(Message.text(Message.Role.USER, "Say hi"));
        assertThat(ask.terms().lane()).isEqualTo(Lane.BATCH);
        assertThat(ask.terms().metadata()).isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(ask.terms().until()).isNull();
        assertThat(ask.parameters()).isEmpty();
    }

    @Test
    void whatARequestForARunMaySayAJobMaySayToo() {
        Submission.Job job =
                job(
                        record(
                                null,
                                """
                                {"id":"j-1","source":"/shop","agent":"demo","priority":"interactive",
                                 "input":[{"role":"system","content":"Be brief."},
                                          {"role":"user","content":"hi"}],
                                 "temperature":0.5,"house_style":"plain","timeout":"10m"}
                                """));

        assertThat(job.origin().source()).isEqualTo("/shop");
        assertThat(job.ask().messages()).hasSize(2);
        assertThat(job.ask().terms().lane()).isEqualTo(Lane.INTERACTIVE);
        assertThat(job.ask().parameters()).containsOnlyKeys("temperature", "house_style");
        assertThat(job.ask().terms().until())
                .isEqualTo(new Ask.Until.Within(Duration.ofMinutes(10)));
    }

    @Test
    void aDeadlineIsATime() {
        Submission.Job job =
                job(
                        record(
                                null,
                                """
                                {"id":"j","agent":"demo","input":"x",
                                 "deadline":"2027-01-31T01:00:00+01:00"}
                                """));

        assertThat(job.ask().terms().until())
                .isEqualTo(new Ask.Until.At(Instant.parse("2027-01-31T00:00:00Z")));
    }

    @Test
    void headersSayWhereItCameFromAndWhereItsResultGoes() {
        Submission.Job job =
                job(
                        record(
                                null,
                                JOB,
                                "source",
                                "/shop",
                                "reply_topic",
                                "shop.answers",
                                "reply_partition",
                                "3",
                                "correlation_id",
                                "c-9"));

        assertThat(job.origin())
                .isEqualTo(
                        new JobOrigin(
                                "j-1", "/shop", "shop.answers", 3, "c-9", false, job.digest()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCloudEventBringsItsIdAndItsSource(boolean structured) {
        var event =
                CloudEventBuilder.v1()
                        .withId("e-1")
                        .withSource(URI.create("/shop"))
                        .withType("com.example.question")
                        .withData(
                                "application/json",
                                "{\"agent\":\"demo\",\"input\":\"Say hi\"}".getBytes(UTF_8))
                        .build();
        var writer = KafkaMessageFactory.<String>createWriter("sluice.jobs", "k");
        ProducerRecord<String, byte[]> sent =
                structured
                        ? writer.writeStructured(
                                event, new dev.sluice.common.cloudevent.JsonEventFormat())
                        : writer.writeBinary(event);

        Submission.Job job = job(received(sent));

        assertThat(job.origin())
                .isEqualTo(new JobOrigin("e-1", "/shop", null, null, null, true, job.digest()));
        assertThat(job.ask().messages()).containsExactly(Message.text(Message.Role.USER, "Say hi"));
    }

    @ParameterizedTest
    @CsvSource({
        "'content-type', 'application/cloudevents+json', not a valid CloudEvent",
        "'ce_specversion', '1.0', not a valid CloudEvent",
        "'ce_specversion', '7', not a valid CloudEvent"
    })
    void aCloudEventThatIsNoneIsRefused(String header, String value, String problem) {
        Submission.Refused refused = refused(record("k", JOB, header, value));

        assertThat(refused.failure().toString()).contains(problem);
        assertThat(refused.origin().cloudEvent()).isTrue();
        assertThat(refused.origin().id()).isEqualTo("k");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"metadata\":{\"a\":\"1\",\"b\":\"2\"}, \"input\":\"Say hi\", \"agent\":\"demo\", \"id\":\"j-1\"}",
                "{\"id\":\"j-1\",\"agent\":\"demo\",\"input\":\"Say hi\",\"metadata\":{\"b\":\"2\",\"a\":\"1\"},\"timeout\":\"10m\",\"priority\":\"interactive\"}",
                "{\"id\":\"j-1\",\"source\":\"/else\",\"agent\":\"demo\",\"input\":\"Say hi\",\"metadata\":{\"b\":\"2\",\"a\":\"1\"}}"
            })
    void theSameQuestionHasTheSameDigestHoweverItIsWritten(String same) {
        assertThat(job(record(null, same)).digest()).isEqualTo(job(record(null, JOB)).digest());
    }

    @Test
    void anotherQuestionHasAnotherDigest() {
        assertThat(job(record(null, JOB.replace("hi", "ho"))).digest())
                .isNotEqualTo(job(record(null, JOB)).digest());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"agent":"demo","input":"x"}                      | id       | Missing required parameter: 'id'.
                    {"id":7,"agent":"demo","input":"x"}               | id       | Invalid 'id': expected a string.
                    {"id":" ","agent":"demo","input":"x"}             | id       | Invalid 'id': expected 1 to 255 characters, none of them a control character.
                    {"id":"a\\nb","agent":"demo","input":"x"}         | id       | Invalid 'id': expected 1 to 255 characters, none of them a control character.
                    {"id":"j","source":1,"agent":"demo","input":"x"}  | source   | Invalid 'source': expected a string.
                    {"id":"j","input":"x"}                            | agent    | Missing required parameter: 'agent'.
                    {"id":"j","agent":"demo"}                         | input    | Missing required parameter: 'input'.
                    {"id":"j","agent":"demo","input":7}               | input    | Invalid type for 'input': expected one of a string or an array of messages, but got an integer instead.
                    {"id":"j","agent":"demo","input":""}              | input    | Invalid 'input': empty string. Expected a string with minimum length 1, but got an empty string instead.
                    {"id":"j","agent":"demo","input":[{"role":"x"}]}  | input[0].role | Invalid value: 'x'. Supported values are: 'system', 'developer', 'user', 'assistant', and 'tool'.
                    {"id":"j","agent":"demo","input":"x","model":"m"} | model    | Unsupported parameter: 'model' is not a job's. Use 'agent' instead.
                    {"id":"j","agent":"demo","input":"x","priority":"low"} | priority | Invalid value: 'low'. Supported values are: 'interactive' and 'batch'.
                    {"id":"j","agent":"demo","input":"x","timeout":"soon"} | timeout | Invalid 'timeout': not a duration. Expected one such as '30s', '10m' or '500ms', but got 'soon' instead.
                    {"id":"j","agent":"demo","input":"x","deadline":"soon"} | deadline | Invalid 'deadline': not a time. Expected one such as '2027-01-31T12:00:00Z', but got 'soon' instead.
                    {"id":"j","agent":"demo","input":"x","deadline":"-999999999-01-01T00:00:00Z"} | deadline | Invalid 'deadline': not a time. Expected one such as '2027-01-31T12:00:00Z', but got '-999999999-01-01T00:00:00Z' instead.
                    {"id":"j","agent":"demo","input":"x","deadline":"+10000-01-01T00:00:00Z"} | deadline | Invalid 'deadline': not a time. Expected one such as '2027-01-31T12:00:00Z', but got '+10000-01-01T00:00:00Z' instead.
                    {"id":"j","source":"a\\nb","agent":"demo","input":"x"} | source | Invalid 'source': expected at most 256 characters, none of them a control character.
                    {"id":"j","agent":"demo","input":"x","deadline":"2027-01-31T12:00:00Z","timeout":"1m"} | timeout | 'timeout' and 'deadline' say the same. Only one of them is allowed.
                    {"id":"j","agent":"demo","input":"x","temperature":9} | temperature | Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 9 instead.
                    """)
    void whatIsWrongIsSaidWithItsField(String value, String field, String message) {
        Failure.InvalidRequest problem = problem(value);

        assertThat(problem.param()).isEqualTo(field);
        assertThat(problem.problem()).isEqualTo(message);
    }

    @Test
    void anAgentThatIsNotThereIsRefused() {
        assertThat(refused(record(null, JOB.replace("demo", "nobody"))).failure())
                .isEqualTo(new Failure.AgentNotFound("nobody"));
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"id\":', 'It is not valid JSON, from line 1, column 7 on.'",
        "'[]', 'It is not a JSON object.'",
        "'null', 'It is not a JSON object.'",
        "'', 'It is empty.'"
    })
    void garbageIsRefusedUnderItsKeyOrItsPlace(String value, String problem) {
        assertThat(problem(value).problem()).isEqualTo("We could not parse the job. " + problem);
        assertThat(refused(record("k", value)).origin().id()).isEqualTo("k");
        assertThat(refused(record(null, value)).origin().id()).isEqualTo("sluice.jobs-2-7");
    }

    @Test
    void aRecordWithoutAValueIsRefused() {
        assertThat(refused(record("k", null)).origin().id()).isEqualTo("k");
    }

    @ParameterizedTest
    @ValueSource(strings = {"other.answers", "sluice.runs.batch", "sluice.jobs"})
    void aResultThatMayNotGoThereGoesToTheResultsTopic(String topic) {
        Submission.Refused refused =
                refused(record(null, JOB, "reply_topic", topic, "reply_partition", "1"));

        assertThat(((Failure.InvalidRequest) refused.failure()).code())
                .isEqualTo("reply_topic_not_allowed");
        assertThat(refused.origin()).isEqualTo(new JobOrigin("j-1", "", null, null, null, false));
    }

    @Test
    void theResultsTopicMayBeNamed() {
        assertThat(job(record(null, JOB, "reply_topic", "sluice.results")).origin().replyTopic())
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "x", "99999999999"})
    void aReplyPartitionIsANumber(String partition) {
        assertThat(problem(JOB, "reply_partition", partition).param()).isEqualTo("reply_partition");
    }

    @Test
    void aCorrelationIdThatIsTooLongIsRefusedWithoutIt() {
        Submission.Refused refused =
                refused(
                        record(
                                null,
                                JOB,
                                "correlation_id",
                                "c".repeat(1025),
                                "reply_topic",
                                "shop.a"));

        assertThat(((Failure.InvalidRequest) refused.failure()).param())
                .isEqualTo("correlation_id");
        assertThat(refused.origin())
                .isEqualTo(new JobOrigin("j-1", "", "shop.a", null, null, false));
    }

    @Test
    void aKeyThatIsNoIdNamesNothing() {
        assertThat(refused(record("a\nb", "{")).origin().id()).isEqualTo("sluice.jobs-2-7");
        assertThat(refused(record("k".repeat(256), "{")).origin().id())
                .isEqualTo("sluice.jobs-2-7");
    }

    @Test
    void whateverIsWrongIsSaidWhereTheResultIsWaitedFor() {
        JobOrigin origin =
                refused(
                                record(
                                        "k",
                                        "garbage",
                                        "reply_topic",
                                        "shop.a",
                                        "reply_partition",
                                        "3",
                                        "correlation_id",
                                        "c"))
                        .origin();

        assertThat(origin).isEqualTo(new JobOrigin("k", "", "shop.a", 3, "c", false));
    }

    @Test
    void whoMaySubmitNothingSendsNothingAnywhere() {
        SluiceConfig strict =
                ConfigLoader.parse(
                        """
                        providers: { p: { kind: openai, base_url: 'http://127.0.0.1:1/v1' } }
                        agents: { demo: { provider: p, model: m } }
                        keys: [{ id: k, key: s }]
                        jobs:
                          reply_topics: ["shop.*"]
                          sources: [{ source: /slow, key: k }, { source: /fast, key: k, interactive: true }]
                        """,
                        "sluice.yaml",
                        Map.of());
        JobReader judging =
                new JobReader(strict.jobs(), new Topics("sluice"), JobRightsTest.rights(strict));
        String urgent = JOB.replace("{\"id\"", "{\"priority\":\"interactive\",\"id\"");

        assertThat(judging.read(record(null, JOB, "source", "/else", "reply_topic", "shop.a")))
                .isInstanceOfSatisfying(
                        Submission.Refused.class,
                        refused ->
                                assertThat(refused.origin())
                                        .isEqualTo(
                                                new JobOrigin(
                                                        "j-1", "/else", null, null, null, false)));
        assertThat(judging.read(record(null, urgent, "source", "/slow", "reply_topic", "shop.a")))
                .isInstanceOfSatisfying(
                        Submission.Refused.class,
                        refused -> {
                            assertThat(((Failure.InvalidRequest) refused.failure()).param())
                                    .isEqualTo("priority");
                            assertThat(refused.origin().replyTopic()).isEqualTo("shop.a");
                        });
        assertThat(judging.read(record(null, urgent, "source", "/fast")))
                .isInstanceOf(Submission.Job.class);
    }

    @Test
    void textThatIsNotUtf8IsRefused() {
        byte[] value =
                JOB.replace("hi", "h\u00e9").getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

        Submission.Refused refused =
                (Submission.Refused)
                        reader.read(new ConsumerRecord<>("sluice.jobs", 2, 7, null, value));

        assertThat(((Failure.InvalidRequest) refused.failure()).problem())
                .isEqualTo("We could not parse the job. It is not valid UTF-8.");
    }
}
