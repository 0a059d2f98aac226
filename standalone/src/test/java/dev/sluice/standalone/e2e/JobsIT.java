package dev.sluice.standalone.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent.RunAccepted;
import dev.sluice.common.audit.AuditEvent.RunEnded;
import dev.sluice.common.audit.AuditEvent.RunResumed;
import dev.sluice.common.audit.AuditEvent.RunStarted;
import dev.sluice.common.audit.AuditEvent.TurnCompleted;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.embedded.model.Received;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.RoleProcess;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.Topic;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// Ten thousand jobs over three workers, one of which is killed: duplicates, garbage, jobs whose
/// runs fail and jobs of whose runs workers die among them: two before the others come, and that
/// one. Each killed worker has a key of its own for the model, so that the model's journal says
/// which worker asked what.
@WithSluice
@Tag("load")
@Timeout(300)
class JobsIT {
    private static final int SLOTS = 32;
    private static final List<String> KILLED_BEFORE = List.of("sk-killed-1", "sk-killed-2");
    private static final String KILLED = "sk-killed-3";
    private static final String ALIVE = "sk-upstream";
    private static final byte[] THREE = "3".getBytes(UTF_8);
    private static final Duration QUIET = Duration.ofSeconds(3);
    private static final Topics TOPICS = new Topics("many-jobs");
    private static final String SCRIPT =
            """
            journal: 100000
            pace: { first_token: 20ms }
            rules:
              - when: { user: '^poison' }
                reply: { text: never, hang_after: 0 }
            fallback: { text: 'the answer to {{user}}' }
            """;

    private final Sluice sluice;
    private final Map<String, List<Result>> results = new TreeMap<>();

    private record Result(String run, String status) {}

    private record Spent(long input, long output) {
        private static final Spent NOTHING = new Spent(0, 0);

        Spent plus(Spent more) {
            return new Spent(input + more.input, output + more.output);
        }
    }

    JobsIT(Sluice sluice) {
        this.sluice = sluice;
    }

    /// A fleet of its own, apart from the one that the other tests share.
    private Settings settings() {
        return sluice.settings(TOPICS.prefix())
                .with("jobs", "{ sources: [{ source: '', key: main }] }")
                .with("gateway", "{ port: 0, drain_timeout: 5s, run_timeout: 30m }")
                .with(
                        "worker",
                        "{ port: 0, drain_timeout: 5s, concurrency: %d, batch_share: 1 }"
                                .formatted(SLOTS));
    }

    /// A worker that is to be killed.
    private RoleProcess start(String key) throws IOException {
        String providers = settings().sections().getOrDefault("providers", "");
        return RoleProcess.start(
                        "worker",
                        settings().with("providers", providers.replace(ALIVE, key)),
                        sluice.data().resolve("many-jobs"))
                .ready();
    }

    @Test
    void everyJobIsRunOnceAndGetsItsResultWhateverDies() throws Exception {
        sluice.script(SCRIPT);
        try (Gateway gateway = sluice.gateway(settings());
                KafkaConsumer<String, byte[]> follower = follower()) {
            flood().submit(JobFlood::isPoisoned);
            for (String key : KILLED_BEFORE) {
                try (RoleProcess worker = start(key)) {
                    awaitPoisonOf(key);
                    worker.kill();
                }
            }
            try (RoleProcess third = start(KILLED)) {
                awaitPoisonOf(KILLED);
                runTheOthers(third, follower);
            }
            assertThat(gateway.metric("sluice_jobs_total{outcome=\"refused\"}"))
                    .isEqualTo(JobFlood.GARBAGE);
            assertThat(gateway.metric("sluice_job_results_total{outcome=\"dead_lettered\"}"))
                    .isZero();
        }
        List<AuditRecord> stream = stream();
        Collection<AuditRecord> audit = distinct(stream);
        Set<String> resumed = jobs(audit, RunResumed.class);
        Map<String, String> runs = runs(audit);
        assertThatEachJobHasItsResult(runs, stream);
        assertThatWhatIsGarbageOrPoisonIsLaidAside(runs);
        assertThatEachRunIsOnRecordOnce(audit);
        assertThatEachQuestionWasAskedOnce(resumed);
        assertThatTheAuditAddsUp(audit);
    }

    private static double ended(Gateway worker) {
        return worker.metric("sluice_runs_seconds_count");
    }

    private JobFlood flood() {
        return new JobFlood(settings(), TOPICS.jobs());
    }

    /// All jobs that are not poisoned, on two workers and one that is killed meanwhile.
    private void runTheOthers(RoleProcess killed, KafkaConsumer<String, byte[]> follower)
            throws InterruptedException {
        try (Gateway first = sluice.worker(settings());
                Gateway second = sluice.worker(settings())) {
            flood().submit(JobFlood::isOrdinary);
            await().pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> ended(killed.http()) >= JobFlood.JOBS / 20.0);
            killed.kill();
            assertThat(ended(first) + ended(second)).as("midway").isLessThan(JobFlood.JOBS * 0.75);
            takeUntilQuiet(follower);

            assertThat(
                            first.metric("sluice_worker_runs_offered_again_total")
                                    + second.metric("sluice_worker_runs_offered_again_total"))
                    .isGreaterThanOrEqualTo(JobFlood.POISONED);
            assertThat(ended(first)).isPositive();
            assertThat(ended(second)).isPositive();
        }
    }

    /// Waits until the worker with that key has all poisoned runs under way.
    private void awaitPoisonOf(String key) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(asked(key))
                                .extracting(JobsIT::job)
                                .containsExactlyInAnyOrderElementsOf(JobFlood.poisoned()));
    }

    private KafkaConsumer<String, byte[]> follower() {
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(KafkaSettings.of(settings().config()).follower());
        List<TopicPartition> partitions =
                consumer.partitionsFor(TOPICS.results()).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    /// Takes results until there are some for all jobs and all garbage, and no more come.
    private void takeUntilQuiet(KafkaConsumer<String, byte[]> follower) {
        long patience = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        long last = System.nanoTime();
        while (System.nanoTime() < patience
                && (results.size() < JobFlood.JOBS + JobFlood.GARBAGE
                        || System.nanoTime() - last < QUIET.toNanos())) {
            for (ConsumerRecord<String, byte[]> result : follower.poll(Duration.ofMillis(200))) {
                last = System.nanoTime();
                results.computeIfAbsent(result.key(), _ -> new ArrayList<>())
                        .add(
                                new Result(
                                        DeadLetter.text(result.headers(), "run_id").orElse(""),
                                        DeadLetter.text(result.headers(), "status").orElse("")));
            }
        }
    }

    /// A result comes again only where its job did, or where the end of its run was told again,
    /// because a worker died before Redis knew of it.
    private void assertThatEachJobHasItsResult(Map<String, String> runs, List<AuditRecord> stream) {
        Map<String, Long> ends =
                stream.stream()
                        .filter(one -> one.event() instanceof RunEnded)
                        .collect(groupingBy(JobsIT::job, counting()));
        IntStream.range(0, JobFlood.GARBAGE)
                .forEach(i ->
                        assertThat(results.remove(Garbage.key(i)))
                                .as(Garbage.key(i))
                                .containsExactly(new Result("", "refused")));
        assertThat(results.keySet()).containsExactlyElementsOf(JobFlood.ids());
        results.forEach((id, those) -> {
            int number = JobFlood.number(id);
            String status =
                    JobFlood.isPoisoned(number) || JobFlood.fails(number) ? "failed" : "completed";
            assertThat(those).as(id).containsOnly(new Result(String.valueOf(runs.get(id)), status));
            long most = ends.get(id) + (JobFlood.isSubmittedTwice(number) ? 1 : 0);
            assertThat((long) those.size()).as(id).isLessThanOrEqualTo(most);
        });
    }

    private void assertThatWhatIsGarbageOrPoisonIsLaidAside(Map<String, String> runs) {
        List<DeadLetter> letters =
                Topic.read(settings(), TOPICS.deadLetter()).stream().map(DeadLetter::read).toList();
        assertThat(letters)
                .filteredOn(letter -> letter.kind() == DeadLetter.Kind.JOB)
                .allSatisfy(letter -> assertThat(letter.reason()).isNotBlank())
                .extracting(DeadLetter::key)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, JobFlood.GARBAGE).mapToObj(Garbage::key).toList());
        assertThat(letters)
                .filteredOn(letter -> letter.kind() != DeadLetter.Kind.JOB)
                .allSatisfy(letter -> assertThat(letter.kind()).isEqualTo(DeadLetter.Kind.RUN))
                .allSatisfy(letter ->
                        assertThat(letter.headers()).contains(new RecordHeader("crashes", THREE)))
                .extracting(DeadLetter::key)
                .containsExactlyInAnyOrderElementsOf(
                        JobFlood.poisoned().stream().map(runs::get).toList());
    }

    private List<AuditRecord> stream() {
        return Topic.read(settings(), TOPICS.audit()).stream()
                .map(record -> AuditCodec.decode(record.value()).orElseThrow())
                .toList();
    }

    /// What happened, each once. A run has one end, however often it is told.
    private static Collection<AuditRecord> distinct(List<AuditRecord> stream) {
        return stream.stream()
                .collect(
                        toMap(
                                AuditRecord::id,
                                one -> one,
                                (one, again) -> {
                                    if (one.event() instanceof RunEnded end) {
                                        assertThat(((RunEnded) again.event()).journal())
                                                .isEqualTo(end.journal());
                                    }
                                    return one;
                                }))
                .values();
    }

    private static Set<String> jobs(Collection<AuditRecord> audit, Class<?> event) {
        return audit.stream()
                .filter(one -> event.isInstance(one.event()))
                .map(JobsIT::job)
                .collect(toSet());
    }

    /// The run of each job, of which it has one.
    private static Map<String, String> runs(Collection<AuditRecord> audit) {
        return audit.stream()
                .filter(one -> one.event() instanceof RunAccepted)
                .collect(toMap(JobsIT::job, one -> String.valueOf(one.subject().run())));
    }

    private static String job(AuditRecord record) {
        return String.valueOf(record.subject().job());
    }

    private void assertThatEachRunIsOnRecordOnce(Collection<AuditRecord> audit) {
        for (Class<?> once : List.of(RunAccepted.class, RunEnded.class)) {
            assertThat(audit)
                    .filteredOn(one -> once.isInstance(one.event()))
                    .as(once.getSimpleName())
                    .extracting(JobsIT::job)
                    .containsExactlyInAnyOrderElementsOf(results.keySet());
        }
        // The worker may have died between a run's claim and the beginning of its journal.
        assertThat(audit)
                .filteredOn(one -> one.event() instanceof RunStarted)
                .extracting(JobsIT::job)
                .doesNotHaveDuplicates();
        Set<String> begun = jobs(audit, RunStarted.class);
        begun.addAll(jobs(audit, RunResumed.class));
        assertThat(begun).isEqualTo(results.keySet());
    }

    private List<Received> asked(String key) {
        return sluice.asked().stream()
                .filter(one -> ("Bearer " + key).equals(one.header("authorization")))
                .toList();
    }

    private static String job(Received request) {
        return request.body().at("/messages/0/content").asString().split(" ", -1)[1];
    }

    private void assertThatEachQuestionWasAskedOnce(Set<String> resumed) {
        List<String> byKilled = asked(KILLED).stream().map(JobsIT::job).toList();
        List<String> byOthers = asked(ALIVE).stream().map(JobsIT::job).toList();
        assertThat(byKilled).doesNotHaveDuplicates();
        assertThat(byOthers).doesNotHaveDuplicates();
        Set<String> twice = new HashSet<>(byKilled);
        twice.retainAll(Set.copyOf(byOthers));
        assertThat(twice).as("under way when it died").hasSizeBetween(1, SLOTS - JobFlood.POISONED);
        assertThat(resumed).containsAll(twice);
        Set<String> all = new HashSet<>(byKilled);
        all.addAll(byOthers);
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        results.keySet().stream()
                                .filter(id -> !JobFlood.fails(JobFlood.number(id)))
                                .toList());
        assertThat(byOthers).noneMatch(id -> JobFlood.isPoisoned(JobFlood.number(id)));
    }

    /// The model told all that it counted, to whomever; the audit stream has it but for what it
    /// told the killed worker in vain.
    private void assertThatTheAuditAddsUp(Collection<AuditRecord> audit) {
        Map<String, Spent> toldKilled = told(KILLED);
        Map<String, Spent> told = new HashMap<>(toldKilled);
        told.putAll(told(ALIVE));
        Map<String, Spent> turns =
                audit.stream()
                        .filter(one -> one.event() instanceof TurnCompleted)
                        .collect(toMap(JobsIT::job, one -> spent((TurnCompleted) one.event())));
        assertThat(turns).isEqualTo(told);
        assertThat(audit)
                .filteredOn(one -> one.event() instanceof RunEnded)
                .allSatisfy(one -> {
                    var usage = ((RunEnded) one.event()).usage();
                    assertThat(new Spent(usage.promptTokens(), usage.completionTokens()))
                            .isEqualTo(told.getOrDefault(job(one), Spent.NOTHING));
                });
        Spent inVain =
                asked(ALIVE).stream()
                        .map(one -> toldKilled.getOrDefault(job(one), Spent.NOTHING))
                        .reduce(Spent.NOTHING, Spent::plus);
        assertThat(turns.values().stream().reduce(inVain, Spent::plus))
                .isEqualTo(
                        sluice.asked().stream()
                                .map(JobsIT::spent)
                                .reduce(Spent.NOTHING, Spent::plus));
    }

    private Map<String, Spent> told(String key) {
        return asked(key).stream()
                .filter(one -> one.usage() != null)
                .collect(toMap(JobsIT::job, JobsIT::spent));
    }

    private static Spent spent(Received request) {
        JsonNode usage = request.usage();
        return usage == null
                ? Spent.NOTHING
                : new Spent(
                        usage.path("prompt_tokens").asLong(),
                        usage.path("completion_tokens").asLong());
    }

    private static Spent spent(TurnCompleted turn) {
        return new Spent(turn.usage().promptTokens(), turn.usage().completionTokens());
    }
}
