import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Adds up the tokens on the audit stream by key and agent.
///
/// Events are written at least once, so it counts distinct ids; and it may be killed at any moment,
/// so what it counted, the ids, and where it stands in the stream are written together: either all of
/// a batch is in the file or nothing is, and then the batch is read again.

/// What is in the file.
record State(Map<Integer, Reading> partitions, Map<String, Tokens> usage) {}

/// How far a partition was read, and the runs whose events may come again: always in the same
/// partition, and not for long after the run has ended.
record Reading(long position, Map<String, Run> runs) {}

record Run(Set<String> ids, long last, boolean ended) {
    boolean isOver(long now) {
        return now - last > Duration.ofHours(ended ? 6 : 48).toMillis();
    }
}

record Tokens(long prompt, long completion, long estimated, long turns) {
    Tokens plus(JsonNode usage) {
        long total = usage.path("total_tokens").asLong();
        return new Tokens(
                prompt + usage.path("prompt_tokens").asLong(),
                completion + usage.path("completion_tokens").asLong(),
                estimated + (usage.path("estimated").asBoolean(false) ? total : 0),
                turns + 1);
    }
}

final JsonMapper json = new JsonMapper();

void main(String[] args) throws Exception {
    boolean once = List.of(args).contains("--once");
    String servers = Objects.requireNonNullElse(System.getenv("KAFKA"), "127.0.0.1:9092");
    String topic = Objects.requireNonNullElse(System.getenv("AUDIT_TOPIC"), "sluice.audit");
    Path file = Path.of(Objects.requireNonNullElse(System.getenv("USAGE_FILE"), "usage.json"));
    State state =
            Files.exists(file)
                    ? json.readValue(Files.readAllBytes(file), State.class)
                    : new State(new TreeMap<>(), new TreeMap<>());
    // What was kept for too short is lost, and nothing else.
    Map<String, Object> properties =
            Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest");
    try (var consumer =
            new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer())) {
        List<TopicPartition> partitions =
                consumer.partitionsFor(topic).stream()
                        .map(one -> new TopicPartition(topic, one.partition()))
                        .toList();
        // No group: the file says where it stands, and nobody else.
        consumer.assign(partitions);
        for (TopicPartition partition : partitions) {
            consumer.seek(partition, reading(state, partition.partition()).position());
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        do {
            var records = consumer.poll(Duration.ofMillis(500));
            for (ConsumerRecord<String, byte[]> record : records) {
                count(json.readTree(record.value()), state, record.partition());
            }
            if (!records.isEmpty()) {
                for (TopicPartition partition : partitions) {
                    Map<String, Run> runs = reading(state, partition.partition()).runs();
                    long now = runs.values().stream().mapToLong(Run::last).max().orElse(0);
                    runs.values().removeIf(run -> run.isOver(now));
                    state.partitions()
                            .put(
                                    partition.partition(),
                                    new Reading(consumer.position(partition), runs));
                }
                write(file, state);
                if (!once) {
                    print(state);
                }
            }
        } while (!once || partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p)));
        print(state);
    }
}

Reading reading(State state, int partition) {
    return state.partitions().computeIfAbsent(partition, _ -> new Reading(0, new HashMap<>()));
}

void count(JsonNode event, State state, int partition) {
    String subject = event.path("subject").asString("");
    if (subject.isEmpty()) {
        return; // It became no run.
    }
    String type = event.path("type").asString();
    Map<String, Run> runs = reading(state, partition).runs();
    Run run = runs.getOrDefault(subject, new Run(new HashSet<>(), 0, false));
    long at = Instant.parse(event.path("time").asString()).toEpochMilli();
    boolean ends = type.matches("dev\\.sluice\\.run\\.(completed|failed|cancelled)");
    runs.put(subject, new Run(run.ids(), Math.max(run.last(), at), run.ended() || ends));
    boolean costs = type.equals("dev.sluice.turn.completed") || type.equals("dev.sluice.turn.cut");
    if (costs && run.ids().add(event.path("id").asString())) {
        String who =
                event.path("sluicekey").asString("-") + " " + event.path("sluiceagent").asString();
        state.usage().put(
                who,
                state.usage()
                        .getOrDefault(who, new Tokens(0, 0, 0, 0))
                        .plus(event.path("data").path("usage")));
    }
}

/// The file is the former one or the new one, whenever the power goes.
void write(Path file, State state) throws Exception {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.write(next, json.writeValueAsBytes(state));
    try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
        channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
}

void print(State state) {
    System.out.printf("%-30s %8s %12s %12s %12s%n", "key and agent", "turns", "prompt", "completion", "estimated");
    state.usage()
            .forEach(
                    (who, tokens) ->
                            System.out.printf(
                                    "%-30s %8d %12d %12d %12d%n",
                                    who,
                                    tokens.turns(),
                                    tokens.prompt(),
                                    tokens.completion(),
                                    tokens.estimated()));
}
