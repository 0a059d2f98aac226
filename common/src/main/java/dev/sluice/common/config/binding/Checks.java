package dev.sluice.common.config.binding;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of one configuration record, all of them judged before any is complained about.
///
/// ```java
/// new Checks()
///         .that(port >= 0 && port <= 65535, "port", "must be between 0 and 65535")
///         .that(max >= min, "max", "must not be below min", "min")
///         .done();
/// ```
public final class Checks {
    private static final ScopedValue<List<Refusal.Broken>> COLLECTED = ScopedValue.newInstance();

    private final List<Refusal.Broken> broken = new ArrayList<>();

    /// Adds a rule.
    ///
    /// @param holds whether it holds
    /// @param key the key at fault as the file spells it; null for the record as a whole
    /// @param rule what must hold, to be read after key and value
    /// @param with the other keys the rule looks at: where one of them is at fault itself, this
    ///   rule is not complained about
    public Checks that(boolean holds, @Nullable String key, String rule, String... with) {
        if (!holds) {
            broken.add(new Refusal.Broken(key, rule, List.of(with)));
        }
        return this;
    }

    /// Throws a [Refusal] that names every rule that does not hold, if any.
    public void done() {
        if (broken.isEmpty()) {
            return;
        }
        if (!COLLECTED.isBound()) {
            throw new Refusal(broken);
        }
        COLLECTED.get().addAll(broken);
    }

    /// Runs `construction`; where rules do not hold, nothing is thrown and they go to `into`.
    static <T> T collecting(
            List<Refusal.Broken> into,
            ScopedValue.CallableOp<? extends T, RuntimeException> construction) {
        return ScopedValue.where(COLLECTED, into).call(construction);
    }
}
