package dev.sluice.common.redis;

import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/// Entries of runs as the fields of a Redis hash.
final class RunEntries {
    private static final TypeReference<Map<String, String>> STRINGS = new TypeReference<>() {};

    private RunEntries() {}

    /// What a request says of its run, as names and values in turn.
    static Stream<String> fields(RunRequest request) {
        return Stream.concat(ofTheRun(request), digest(request.job()));
    }

    /// The digest of a job, so that another one under its id is known for one after Redis lost its
    /// data, too.
    private static Stream<String> digest(@Nullable JobOrigin job) {
        return job == null || job.digest() == null
                ? Stream.empty()
                : Stream.of("body", job.digest());
    }

    private static Stream<String> ofTheRun(RunRequest request) {
        return Stream.of(
                "partition",
                String.valueOf(request.replyPartition()),
                "from",
                String.valueOf(request.journalFrom()),
                "agent",
                request.agent(),
                "key",
                request.key() == null ? "" : request.key(),
                "background",
                request.background() ? "1" : "",
                "lane",
                request.lane().name(),
                "on_disconnect",
                request.onDisconnect().name(),
                "metadata",
                request.metadata().isEmpty()
                        ? ""
                        : Json.MAPPER.writeValueAsString(request.metadata()),
                "job",
                request.job() == null ? "" : Json.MAPPER.writeValueAsString(request.job()));
    }

    /// The entry that these fields make; none where nobody has made the run known.
    static Optional<RunEntry> entry(RunId run, Map<String, String> fields, List<String> steps) {
        String partition = fields.get("partition");
        if (partition == null) {
            return Optional.empty();
        }
        String offer = fields.get("offer");
        return Optional.of(
                new RunEntry(
                        run,
                        state(fields),
                        (int) number(fields, "attempt"),
                        fields.get("worker"),
                        fields.containsKey("cancel"),
                        Integer.parseInt(partition),
                        number(fields, "from"),
                        steps.stream().map(StepOffset::parse).toList(),
                        Lane.valueOf(fields.getOrDefault("lane", Lane.INTERACTIVE.name())),
                        offer == null ? null : Offer.parse(offer),
                        fields.getOrDefault("agent", ""),
                        emptyToNull(fields.get("key")),
                        emptyToNull(fields.get("background")) != null,
                        OnDisconnect.valueOf(fields.getOrDefault("on_disconnect", "CANCEL")),
                        metadata(fields.get("metadata")),
                        Instant.ofEpochMilli(number(fields, "accepted")),
                        Instant.ofEpochMilli(number(fields, "deadline")),
                        job(fields.get("job"))));
    }

    private static State state(Map<String, String> fields) {
        return switch (fields.getOrDefault("state", "queued")) {
            case "ended" ->
                    new State.Ended(
                            RunEntry.Status.valueOf(
                                    fields.getOrDefault("status", "failed")
                                            .toUpperCase(Locale.ROOT)),
                            number(fields, "end"),
                            Instant.ofEpochMilli(number(fields, "ended_at")));
            case "claimed" -> new State.Claimed();
            default -> new State.Queued();
        };
    }

    private static long number(Map<String, String> fields, String name) {
        String value = fields.get(name);
        return value == null ? 0 : Long.parseLong(value);
    }

    private static Map<String, String> metadata(@Nullable String json) {
        return json == null || json.isEmpty() ? Map.of() : Json.MAPPER.readValue(json, STRINGS);
    }

    private static @Nullable JobOrigin job(@Nullable String json) {
        return json == null || json.isEmpty() ? null : Json.MAPPER.readValue(json, JobOrigin.class);
    }

    private static @Nullable String emptyToNull(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }
}
