package dev.sluice.common.config;

import org.jspecify.annotations.Nullable;

/// Thrown by a configuration record's constructor when a value cannot work; the loader adds where
/// in the file it stands and collects every refusal of a file.
public final class Refusal extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String key;

    private Refusal(@Nullable String key, String rule) {
        super(rule);
        this.key = key;
    }

    /// A refusal of the record's `key` (as the file spells it), or of the record as a whole where
    /// that is null. `rule` says what must hold: `must be between 0 and 65535`.
    public static Refusal of(@Nullable String key, String rule) {
        return new Refusal(key, rule);
    }

    /// Throws a refusal of `key` unless `holds`.
    public static void unless(boolean holds, @Nullable String key, String rule) {
        if (!holds) {
            throw new Refusal(key, rule);
        }
    }

    /// The key at fault, relative to its record; null when it is the record as a whole.
    public @Nullable String key() {
        return key;
    }

    /// What must hold.
    public String rule() {
        return String.valueOf(getMessage());
    }
}
