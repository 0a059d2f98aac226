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
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// Ten thousand jobs over three workers, one of which is killed: duplicates, garbage, jobs whose
/// runs fail and jobs of whose runs workers die among them. The killed worker has a key of its own
/// for the model, so that the model's journal says which worker asked what.
@WithSluice
@Timeout(300)
class JobsIT {
    private static final int JOBS = Integer.getInteger("sluice.jobs", 10_000);
    private static final int POISONED = 5;
    private static final int SLOTS = 32;
    private static final int DUPLICATE_EVERY = 10;
    private static final int GARBAGE_EVERY = 50;
    private static final int GARBAGE = (JOBS + GARBAGE_EVERY - 1) / GARBAGE_EVERY;
    private static final int FAILING_EVERY = 97;
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

    private Settings doomed() {
        String providers = settings().sections().getOrDefault("providers", "");
        return settings().with("providers", providers.replace("sk-upstream", "sk-doomed"));
    }

    @Test
    void everyJobIsRunOnceAndGetsItsResultWhateverDies() throws Exception {
        sluice.script(SCRIPT);
        RoleProcess.Starting starting =
                RoleProcess.start("worker", doomed(), sluice.data().resolve("many-jobs"));
        try (Gateway gateway = sluice.gateway(settings());
                RoleProcess killed = starting.ready();
                KafkaConsumer<String, byte[]> follower = follower()) {
            poison();
            try (Gateway first = sluice.worker(settings());
                    Gateway second = sluice.worker(settings())) {
                submit(JobsIT::isOrdinary);
                await().pollInterval(Duration.ofMillis(20))
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> ended(killed.http()) >= JOBS / 20.0);
                killed.kill();
                assertThat(ended(first) + ended(second)).as("midway").isLessThan(JOBS * 0.75);
                takeUntilQuiet(follower);

                assertThat(
                                first.metric("sluice_worker_runs_offered_again_total")
                                        + second.metric("sluice_worker_runs_offered_again_total"))
                        .isGreaterThanOrEqualTo(POISONED);
                assertThat(ended(first)).isPositive();
                assertThat(ended(second)).isPositive();
            }
            assertThat(gateway.metric("sluice_jobs_total{outcome=\"refused\"}")).isEqualTo(GARBAGE);
            assertThat(gateway.metric("sluice_job_results_total{outcome=\"dead_lettered\"}"))
                    .isZero();
        } finally {
            starting.process().destroyForcibly();
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

    private static boolean isPoisoned(int number) {
        return number > 0 && number <= POISONED;
    }

    private static boolean isOrdinary(int number) {
        return !isPoisoned(number);
    }

    private static boolean fails(int number) {
        return number % FAILING_EVERY == 0;
    }

    private static String id(int number) {
        return "job-%05d".formatted(number);
    }

    private static int number(String id) {
        return Integer.parseInt(id.substring(id.length() - 5));
    }

    /// Two workers have died of these runs, and the one that has them now will be the third.
    private void poison() throws IOException {
        submit(JobsIT::isPoisoned);
        await().atMost(Duration.ofSeconds(20)).until(() -> sluice.asked().size() == POISONED);
        for (String run : runs(distinct(stream())).values()) {
            sluice.redis("HSET %s:run:%s crashes 2".formatted(TOPICS.prefix(), run));
        }
    }

    private void submit(IntPredicate which) {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(KafkaSettings.of(settings().config()).patientProducer())) {
            IntStream.range(0, JOBS).filter(which).forEach(i -> submit(producer, i));
        }
    }

    private static void submit(KafkaProducer<String, byte[]> producer, int number) {
        String job =
                "{\"id\":\"%s\",\"agent\":\"%s\",\"input\":\"%s %s%s\"}"
                        .formatted(
                                id(number),
                                fails(number) ? "absent" : "plain",
                                isPoisoned(number) ? "poison" : "question",
                                id(number),
                                " more".repeat(number % 7));
        send(producer, id(number), job);
        if (number % DUPLICATE_EVERY == 0) {
            send(producer, id(number), job.replace(",", ", "));
        }
        if (number % GARBAGE_EVERY == 0) {
            producer.send(Garbage.record(number / GARBAGE_EVERY, TOPICS.jobs()));
        }
    }

    private static void send(KafkaProducer<String, byte[]> producer, String key, String value) {
        producer.send(new ProducerRecord<>(TOPICS.jobs(), key, value.getBytes(UTF_8)));
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
                && (results.size() < JOBS + GARBAGE
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
        IntStream.range(0, GARBAGE)
                .forEach(i ->
                        assertThat(results.remove(Garbage.key(i)))
                                .as(Garbage.key(i))
                                .containsExactly(new Result("", "refused")));
        assertThat(results.keySet())
                .containsExactlyElementsOf(IntStream.range(0, JOBS).mapToObj(JobsIT::id).toList());
        results.forEach((id, those) -> {
            int number = number(id);
            String status = isPoisoned(number) || fails(number) ? "failed" : "completed";
            assertThat(those).as(id).containsOnly(new Result(String.valueOf(runs.get(id)), status));
            long most = ends.get(id) + (number % DUPLICATE_EVERY == 0 ? 1 : 0);
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
                        IntStream.range(0, GARBAGE).mapToObj(Garbage::key).toList());
        assertThat(letters)
                .filteredOn(letter -> letter.kind() != DeadLetter.Kind.JOB)
                .allSatisfy(letter -> assertThat(letter.kind()).isEqualTo(DeadLetter.Kind.RUN))
                .extracting(DeadLetter::key)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, POISONED).mapToObj(i -> runs.get(id(i))).toList());
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

    private List<Received> asked(boolean doomed) {
        Predicate<Received> byDoomed =
                one -> "Bearer sk-doomed".equals(one.header("authorization"));
        return sluice.asked().stream().filter(doomed ? byDoomed : byDoomed.negate()).toList();
    }

    private static String job(Received request) {
        return request.body().at("/messages/0/content").asString().split(" ", -1)[1];
    }

    private void assertThatEachQuestionWasAskedOnce(Set<String> resumed) {
        List<String> byDoomed = asked(true).stream().map(JobsIT::job).toList();
        List<String> byOthers = asked(false).stream().map(JobsIT::job).toList();
        assertThat(byDoomed).doesNotHaveDuplicates();
        assertThat(byOthers).doesNotHaveDuplicates();
        Set<String> twice = new HashSet<>(byDoomed);
        twice.retainAll(Set.copyOf(byOthers));
        assertThat(twice).as("under way when it died").hasSizeBetween(1, SLOTS - POISONED);
        assertThat(resumed).containsAll(twice);
        Set<String> all = new HashSet<>(byDoomed);
        all.addAll(byOthers);
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        results.keySet().stream().filter(id -> !fails(number(id))).toList());
        assertThat(byOthers).noneMatch(id -> isPoisoned(number(id)));
    }

    /// The model told all that it counted, to whomever; the audit stream has it but for what it
    /// told the killed worker in vain.
    private void assertThatTheAuditAddsUp(Collection<AuditRecord> audit) {
        Map<String, Spent> toldDoomed = told(true);
        Map<String, Spent> told = new HashMap<>(toldDoomed);
        told.putAll(told(false));
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
                asked(false).stream()
                        .map(one -> toldDoomed.getOrDefault(job(one), Spent.NOTHING))
                        .reduce(Spent.NOTHING, Spent::plus);
        assertThat(turns.values().stream().reduce(inVain, Spent::plus))
                .isEqualTo(
                        sluice.asked().stream()
                                .map(JobsIT::spent)
                                .reduce(Spent.NOTHING, Spent::plus));
    }

    private Map<String, Spent> told(boolean doomed) {
        return asked(doomed).stream()
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
