package dev.sluice.standalone.job;

import dev.sluice.common.run.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What came of submitted jobs, each counted once. Safe for any thread.
final class Tally {
    private static final String COMPLETED = "completed";
    private static final String REFUSED = "refused";

    private final Map<String, Long> open = new HashMap<>();
    private final Map<String, Integer> byStatus = new TreeMap<>();
    private final List<Long> took = new ArrayList<>();
    private long input;
    private long output;

    /// A job is submitted at this time, in nanoseconds. One that was submitted already is the same.
    synchronized void submitted(String id, long nanos) {
        open.putIfAbsent(id, nanos);
    }

    /// A result, or word of one, that came at this time. What is nobody's, or came before, does not
    /// count.
    synchronized void came(@Nullable String id, String status, byte @Nullable [] body, long nanos) {
        Long since = id == null ? null : open.remove(id);
        if (since == null) {
            return;
        }
        took.add(nanos - since);
        byStatus.merge(status, 1, Integer::sum);
        JsonNode usage = usage(body);
        input += usage.path("prompt_tokens").asLong(0);
        output += usage.path("completion_tokens").asLong(0);
    }

    private static JsonNode usage(byte @Nullable [] body) {
        try {
            return Json.MAPPER.readTree(body == null ? new byte[0] : body).path("usage");
        } catch (JacksonException _) {
            return Json.MAPPER.missingNode();
        }
    }

    /// How many have come.
    synchronized int count() {
        return took.size();
    }

    /// How many are yet to come.
    synchronized int left() {
        return open.size();
    }

    /// How many did not complete.
    synchronized int failed() {
        return took.size() - byStatus.getOrDefault(COMPLETED, 0);
    }

    /// What there is to say, a line each.
    synchronized List<String> summary() {
        String statuses =
                byStatus.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .collect(Collectors.joining(", "));
        List<String> lines = new ArrayList<>();
        lines.add(
                "results  %d%s%s"
                        .formatted(
                                took.size(),
                                open.isEmpty() ? "" : " of %d".formatted(took.size() + open.size()),
                                statuses.isEmpty() ? "" : ": " + statuses));
        lines.add("tokens   %d: %d in, %d out".formatted(input + output, input, output));
        lines.add("time     p50 %s, p95 %s".formatted(percentile(50), percentile(95)));
        if (byStatus.containsKey(REFUSED)) {
            lines.add("refused  ./sluice dead-letters list says why");
        }
        return lines;
    }

    private String percentile(int percent) {
        if (took.isEmpty()) {
            return "-";
        }
        List<Long> sorted = took.stream().sorted().toList();
        int index = (int) Math.ceil(sorted.size() * percent / 100.0) - 1;
        return seconds(Duration.ofNanos(sorted.get(Math.max(0, index))));
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toMillis() / 1000.0);
    }
}
