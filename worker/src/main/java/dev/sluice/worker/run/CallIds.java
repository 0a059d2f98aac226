package dev.sluice.worker.run;

import dev.sluice.common.run.RunId;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// Makes the ids of a turn's tool calls, which are unique among all runs: providers reuse theirs
/// (`call_0`) from turn to turn. They depend on nothing but the turns that are complete, so that a
/// turn that is taken again after a crash has the ids that it had before. At most 40 characters, as
/// OpenAI's API allows. Safe for any thread.
final class CallIds implements Supplier<String> {
    private static final Pattern OURS = Pattern.compile("call_[0-9a-f]{32}[0-9a-z]{1,3}");

    private final String prefix;
    private final AtomicInteger made;

    /// @param before how many calls the run's complete turns made
    CallIds(RunId run, int before) {
        prefix = "call_" + run.suffix();
        made = new AtomicInteger(before);
    }

    @Override
    public String get() {
        return prefix + Integer.toString(made.incrementAndGet(), 36);
    }

    /// Whether an id was made by a run of ours.
    static boolean ours(String id) {
        return OURS.matcher(id).matches();
    }
}
