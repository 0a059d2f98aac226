package dev.sluice.standalone.top;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A terminal that is drawn over and over. Belongs to one thread.
final class Screen {
    private static final String CLEAR = "\u001b[2J";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final Pattern SIZE = Pattern.compile("(\\d+) (\\d+)\\s*");
    private static final Size USUAL = new Size(24, 100);

    private final PrintStream out;
    private boolean drawn;

    Screen(PrintStream out) {
        this.out = out;
    }

    /// How much fits on it.
    record Size(int rows, int columns) {}

    /// The size of the terminal that this process has; the usual one where it has none.
    static Size size() throws InterruptedException {
        Process stty = null;
        try {
            stty =
                    new ProcessBuilder("stty", "size")
                            .redirectInput(ProcessBuilder.Redirect.INHERIT)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!stty.waitFor(1, TimeUnit.SECONDS)) {
                return USUAL;
            }
            String said =
                    new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            Matcher size = SIZE.matcher(said);
            return size.matches()
                    ? new Size(Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2)))
                    : USUAL;
        } catch (IOException _) {
            return USUAL;
        } finally {
            if (stty != null) {
                stty.destroy();
            }
        }
    }

    /// Shows these lines and nothing else, as far as they fit.
    void draw(List<String> lines, Size size) {
        StringBuilder frame = new StringBuilder(drawn ? HOME : CLEAR + HOME);
        lines.stream()
                .limit(Math.max(1, size.rows() - 1))
                .forEach(line ->
                        frame.append(line, 0, Math.min(line.length(), size.columns()))
                                .append(CLEAR_LINE)
                                .append('\n'));
        out.print(frame.append(CLEAR_BELOW));
        out.flush();
        drawn = true;
    }
}
