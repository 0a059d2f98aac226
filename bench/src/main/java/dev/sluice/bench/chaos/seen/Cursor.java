package dev.sluice.bench.chaos.seen;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `id` of a frame: `<seq>-<offset>`.
///
/// @param seq the event's number in its run
/// @param offset where it stands in its partition
record Cursor(long seq, long offset) {
    static final Cursor START = new Cursor(0, -1);

    private static final Pattern FORM = Pattern.compile("(\\d{1,18})-(\\d{1,18})");

    static Optional<Cursor> parse(String id) {
        Matcher matcher = FORM.matcher(id);
        return matcher.matches()
                ? Optional.of(
                        new Cursor(
                                Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }
}
