package dev.sluice.standalone.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.run.Json;
import dev.sluice.standalone.terminal.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Dead letters for people to read.
public final class LetterText {
    private static final int LONGEST_REASON = 100;

    private LetterText() {}

    /// A table of letters, a line each.
    public static List<String> table(List<DeadLetters.Entry> entries) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"ID", "KIND", "WHEN", "KEY", "STATE", "REASON"});
        for (DeadLetters.Entry entry : entries) {
            DeadLetter letter = entry.letter();
            rows.add(
                    new String[] {
                        Printable.line(letter.id()),
                        letter.kind().wireName(),
                        entry.at().toString(),
                        letter.key() == null ? "-" : Printable.line(letter.key()),
                        entry.redriven() ? "redriven" : entry.truncated() ? "truncated" : "-",
                        line(letter.reason())
                    });
        }
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        return rows.stream().map(row -> row(row, widths)).toList();
    }

    private static String row(String[] cells, int[] widths) {
        StringBuilder row = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            row.append(cells[i]).append(" ".repeat(widths[i] - cells[i].length() + 2));
        }
        return row.toString().stripTrailing();
    }

    private static String line(String reason) {
        String line = Printable.line(reason.replaceAll("\\s+", " ").strip());
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "…";
    }

    /// A letter as a whole, of which `entry` has the facts.
    public static List<String> whole(DeadLetters.Entry entry, DeadLetter letter) {
        DeadLetter.Place from = letter.from();
        Stream<String> facts =
                Stream.of(
                        "id        " + letter.id(),
                        "kind      " + letter.kind().wireName(),
                        "reason    " + letter.reason(),
                        "at        " + entry.at(),
                        "redriven  " + (entry.redriven() ? "yes" : "no"),
                        "topic     " + from.topic(),
                        "partition " + (from.partition() == null ? "any" : from.partition()),
                        "offset    " + (from.offset() == null ? "none" : from.offset()),
                        "key       " + letter.key());
        Stream<String> headers = letter.headers().stream().map(LetterText::header);
        String contents = entry.truncated() ? "(too large to be kept)" : contents(letter.value());
        return Stream.of(
                        facts.map(Printable::line),
                        headers.map(Printable::line),
                        Stream.of(""),
                        Printable.lines(contents))
                .flatMap(part -> part)
                .toList();
    }

    private static String header(Header header) {
        byte[] value = header.value();
        return "header    %s: %s"
                .formatted(header.key(), value == null ? "" : new String(value, UTF_8));
    }

    private static String contents(byte @Nullable [] value) {
        if (value == null) {
            return "(nothing)";
        }
        try {
            JsonNode json = Json.FOREIGN.readTree(value);
            return json.isMissingNode() ? "(nothing)" : json.toPrettyString();
        } catch (JacksonException _) {
            return new String(value, UTF_8);
        }
    }
}
