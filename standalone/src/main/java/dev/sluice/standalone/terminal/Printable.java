package dev.sluice.standalone.terminal;

import java.util.stream.Stream;

/// Text that others chose, made fit for a terminal: it may hold what a terminal takes for commands.
public final class Printable {
    private Printable() {}

    /// The text on one line, with a question mark for each character that is not to be seen.
    public static String line(String text) {
        return text.replaceAll("\\p{C}", "?");
    }

    /// The same for a text of several lines.
    public static Stream<String> lines(String text) {
        return text.lines().map(Printable::line);
    }
}
