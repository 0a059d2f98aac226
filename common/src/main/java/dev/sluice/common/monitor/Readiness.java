package dev.sluice.common.monitor;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Whether a process can do its work: named checks, asked afresh each time and bounded in time.
///
/// @param checks by name; each answers whether what it looks at is as it must be, and does not
///   block
public record Readiness(Map<String, Supplier<Future<Boolean>>> checks) {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /// Asks all checks at once; one that fails or takes too long is not passed.
    Future<Map<String, Boolean>> ask() {
        Map<String, Future<Boolean>> asked = new LinkedHashMap<>();
        checks.forEach((name, check) ->
                asked.put(
                        name,
                        check.get()
                                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                                .otherwise(false)));
        return Future.join(java.util.List.copyOf(asked.values()))
                .map(_ -> {
                    Map<String, Boolean> answers = new TreeMap<>();
                    asked.forEach((name, future) -> answers.put(name, future.result()));
                    return answers;
                });
    }
}
