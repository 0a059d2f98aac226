package dev.sluice.bench.chaos.seen;

/// The numbered events that somebody saw of a run, as a count and a digest over their numbers and
/// types: two trails are equal if both saw the same in the same order.
///
/// @param count how many
/// @param digest depends on every one and on their order
public record Trail(long count, long digest) {
    /// Nothing seen.
    public static final Trail NONE = new Trail(0, 0);

    /// The trail with one event more.
    ///
    /// @param type as on the wire: `text_delta`
    public Trail and(long seq, String type) {
        return new Trail(count + 1, digest * 0x9E3779B97F4A7C15L + seq * 31 + type.hashCode());
    }
}
