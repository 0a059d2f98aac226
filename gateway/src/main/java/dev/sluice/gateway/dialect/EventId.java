package dev.sluice.gateway.dialect;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names an event of a run to clients: `<seq>-<offset>`, its number in the run and where it stands
/// in the log. A client that has only the number says `<seq>`.
///
/// @param seq the event's number, from 1; 0 stands before the first
/// @param offset its offset in the run's partition of the reply topic; -1 where it is not known
public record EventId(long seq, long offset) {
    /// Stands before a run's first event.
    public static final EventId START = new EventId(0, -1);

    private static final Pattern FORM = Pattern.compile("(\\d{1,18})(?:-(\\d{1,18}))?");

    /// Reads what a client says it has seen last; empty where it is no event's name.
    public static Optional<EventId> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String offset = matcher.group(2);
        return Optional.of(
                new EventId(
                        Long.parseLong(matcher.group(1)),
                        offset == null ? START.offset : Long.parseLong(offset)));
    }

    /// Whether it says where in the log the event stands.
    public boolean located() {
        return seq > 0 && offset >= 0;
    }

    @Override
    public String toString() {
        return offset < 0 ? Long.toString(seq) : seq + "-" + offset;
    }
}
