package dev.sluice.standalone.top;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A terminal that is drawn over and over, and is as it was before when this is closed: by whoever
/// draws, or else when the process ends. It is drawn by one thread.
final class Screen implements AutoCloseable {
    /// The other page of the terminal, without a cursor.
    private static final String ENTER = "\u001b[?1049h\u001b[?25l";

    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final Pattern SIZE = Pattern.compile("(\\d+) (\\d+)\\s*");
    private static final Size USUAL = new Size(24, 100);

    /// For so many frames its size is taken to be as it was.
    private static final int SAME_SIZE = 5;

    private final PrintStream out;
    private final Thread closing = new Thread(this::restore, "sluice-top-screen");
    private Size size = USUAL;
    private int frames;
    private boolean entered;

    Screen(PrintStream out) {
        this.out = out;
    }

    /// How much fits on it.
    record Size(int rows, int columns) {}

    /// How much fits on the next frame.
    Size size() throws InterruptedException {
        if (frames % SAME_SIZE == 0) {
            size = ask();
        }
        return size;
    }

    /// The size of the terminal that this process has; the usual one where it has none.
    private static Size ask() throws InterruptedException {
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
    synchronized void draw(List<String> lines) {
        StringBuilder frame = new StringBuilder();
        if (frames == 0) {
            Runtime.getRuntime().addShutdownHook(closing);
            entered = true;
            frame.append(ENTER);
        }
        frames++;
        if (!entered) {
            return;
        }
        frame.append(HOME);
        lines.stream()
                .limit(Math.max(1, size.rows() - 1))
                .forEach(line ->
                        frame.append(line, 0, Math.min(line.length(), size.columns()))
                                .append(CLEAR_LINE)
                                .append('\n'));
        out.print(frame.append(CLEAR_BELOW));
        out.flush();
    }

    private synchronized void restore() {
        if (entered) {
            entered = false;
            out.print(LEAVE);
            out.flush();
        }
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(closing);
        } catch (IllegalStateException _) {
            // The process ends, and it was run.
        }
    }
}
