package dev.sluice.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A table of text: the first columns to the left, numbers to the right.
public final class Table {
    private static final String BETWEEN = "  ";

    private final int texts;
    private final List<List<String>> rows = new ArrayList<>();

    /// @param texts how many columns are text
    /// @param header the columns' names
    public Table(int texts, String... header) {
        this.texts = texts;
        rows.add(List.of(header));
    }

    /// Adds a row with as many cells as the header has.
    public void row(List<String> cells) {
        if (cells.size() != rows.getFirst().size()) {
            throw new IllegalArgumentException(cells + " does not fit " + rows.getFirst());
        }
        rows.add(List.copyOf(cells));
    }

    /// The lines to print.
    public List<String> lines() {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, int[] widths) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length());
            cells.add(i < texts ? row.get(i) + padding : padding + row.get(i));
        }
        return cells.stream().collect(Collectors.joining(BETWEEN)).stripTrailing();
    }

    /// A number with so many decimals.
    public static String number(double number, int decimals) {
        double nothing = 0.5 / Math.pow(10, decimals);
        return String.format(
                Locale.ROOT, "%,." + decimals + "f", Math.abs(number) < nothing ? 0 : number);
    }
}
