package dev.sluice.standalone.job;

import java.io.PrintStream;
import java.time.Duration;

/// How far something has come: a bar that is drawn again on a terminal, a line from time to time
/// elsewhere. Belongs to one thread.
final class ProgressBar {
    private static final int WIDTH = 30;
    private static final Duration REDRAW = Duration.ofMillis(100);
    private static final Duration LINE = Duration.ofSeconds(5);

    private final PrintStream out;
    private final boolean terminal;
    private long next = System.nanoTime();

    ProgressBar(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        if (!terminal) {
            next += LINE.toNanos();
        }
    }

    /// Shows it, unless it has just done so.
    void show(String what, int done, int all, String note) {
        long now = System.nanoTime();
        if (now - next < 0) {
            return;
        }
        next = now + (terminal ? REDRAW : LINE).toNanos();
        String counts = "%s %d of %d%s".formatted(what, done, all, note);
        if (terminal) {
            int full = all == 0 ? WIDTH : (int) ((long) WIDTH * done / all);
            out.print("\r\u001b[K[" + "#".repeat(full) + " ".repeat(WIDTH - full) + "] " + counts);
            out.flush();
        } else {
            out.println(counts);
        }
    }

    /// Clears the bar away.
    void done() {
        if (terminal) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
