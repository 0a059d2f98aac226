package dev.sluice.standalone.top;

import dev.sluice.common.StartException;
import java.io.PrintStream;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Shows a fleet, once or every second: drawn over and over on a terminal, as a line each time
/// elsewhere, or as a JSON object a line.
public final class Top {
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final Plan plan;
    private final PrintStream out;
    private final PrintStream err;
    private final Clock clock;
    private @Nullable String missing;

    /// What to show.
    ///
    /// @param gateway the root of a gateway
    /// @param key the key to present; null for none
    /// @param once whether to show it once, as a whole
    /// @param json whether to show what the gateway says as it is
    /// @param terminal whether what is printed can be drawn over
    public record Plan(
            URI gateway, @Nullable String key, boolean once, boolean json, boolean terminal) {}

    /// A show that has not begun.
    ///
    /// @param err where it is said that there is nothing to show, for now
    /// @param clock says what time it is where it is shown
    public Top(Plan plan, PrintStream out, PrintStream err, Clock clock) {
        this.plan = plan;
        this.out = out;
        this.err = err;
        this.clock = clock;
    }

    /// Shows it, until the thread is interrupted unless it is to be shown once.
    ///
    /// @throws StartException if there is nothing to show, and will not be
    public void run() throws InterruptedException {
        try (FleetClient client = new FleetClient(plan.gateway(), plan.key());
                Screen screen = new Screen(out)) {
            while (true) {
                switch (client.ask()) {
                    case FleetClient.Answer.Fleet fleet -> show(fleet, screen);
                    case FleetClient.Answer.None(String why) -> miss(why, screen);
                }
                // Whoever read it may have gone.
                if (plan.once() || out.checkError()) {
                    return;
                }
                Thread.sleep(EVERY);
            }
        }
    }

    private void show(FleetClient.Answer.Fleet fleet, Screen screen) throws InterruptedException {
        missing = null;
        LocalTime now = LocalTime.now(clock);
        if (plan.json()) {
            out.println(fleet.json());
        } else if (plan.once()) {
            lines(fleet.view(), now, Integer.MAX_VALUE).forEach(out::println);
        } else if (plan.terminal()) {
            screen.draw(lines(fleet.view(), now, screen.size().rows()));
        } else {
            out.println(Frame.line(fleet.view(), now));
        }
    }

    private List<String> lines(FleetView fleet, LocalTime now, int rows) {
        return Frame.lines(plan.gateway().toString(), fleet, now, rows);
    }

    /// A gateway that is away may come back, but what it said last is not so any more.
    private void miss(String why, Screen screen) throws InterruptedException {
        if (plan.once()) {
            throw new StartException(why);
        }
        if (plan.terminal() && !plan.json()) {
            screen.draw(List.of(why + "; trying again"));
        } else if (!why.equals(missing)) {
            err.println(why + "; trying again");
        }
        missing = why;
    }
}
