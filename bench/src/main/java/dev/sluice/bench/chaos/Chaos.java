package dev.sluice.bench.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.bench.chaos.check.Examination;
import dev.sluice.bench.chaos.check.Verdict;
import dev.sluice.bench.chaos.fault.Fault;
import dev.sluice.bench.chaos.fault.Injector;
import dev.sluice.bench.chaos.fault.Schedule;
import dev.sluice.bench.chaos.fault.Struck;
import dev.sluice.bench.chaos.fleet.Fleet;
import dev.sluice.bench.chaos.load.Ledger;
import dev.sluice.bench.chaos.load.Load;
import dev.sluice.bench.chaos.tool.ToolLedger;
import dev.sluice.bench.fleet.Folders;
import dev.sluice.common.config.ConfigLoader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// One trial, from the start of its processes to its verdict.
public final class Chaos {
    /// Longer than any client's patience.
    private static final Duration QUIET_LIMIT = Duration.ofSeconds(150);

    private static final Duration PROGRESS_LIMIT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final int MOST_LINES = 120;

    private final ChaosPlan plan;
    private final PrintStream out;
    private final long began = System.nanoTime();

    /// @param out where progress and table go
    public Chaos(ChaosPlan plan, PrintStream out) {
        this.plan = plan;
        this.out = out;
    }

    /// Makes the trial, prints its table and returns whether it was clean. Blocks, for some seconds
    /// a fault.
    ///
    /// @throws dev.sluice.bench.fleet.FleetException if a process did not do what it should
    public boolean run() throws IOException, InterruptedException {
        Files.createDirectories(plan.folder());
        say(
                "seed %d, %d faults (%s), %d streams, data in %s"
                        .formatted(
                                plan.seed(),
                                plan.kills(),
                                plan.mix(),
                                plan.streams(),
                                plan.folder()));
        List<Struck> struck = new ArrayList<>();
        Verdict verdict;
        try (Fleet fleet = Fleet.start(plan.folder(), plan.searchPath(), plan.beside())) {
            say("two gateways and three workers serve");
            verdict = run(fleet, struck);
        }
        List<String> report = Table.of(plan, elapsed(), struck, verdict);
        report.stream().limit(MOST_LINES).forEach(out::println);
        if (verdict.violations().isEmpty()) {
            Folders.remove(plan.folder());
            return true;
        }
        Files.write(plan.folder().resolve("report.txt"), report, UTF_8);
        if (report.size() > MOST_LINES) {
            out.println("… and %d lines more in report.txt".formatted(report.size() - MOST_LINES));
        }
        out.println("data, logs and report.txt are kept in " + plan.folder());
        return false;
    }

    private Verdict run(Fleet fleet, List<Struck> struck) throws IOException, InterruptedException {
        try (Load load = Load.start(fleet.roots(), Fleet.KEY, plan.streams(), plan.seed())) {
            Injector injector = new Injector(fleet);
            List<Fault> faults = Schedule.of(plan.seed(), plan.kills(), plan.mix());
            for (Fault fault : faults) {
                int before = load.ledger().done();
                Struck done = injector.strike(fault);
                awaitProgress(load.ledger(), before);
                struck.add(done);
                say(
                        "%d/%d %s (%s), back after %.1f s; %s"
                                .formatted(
                                        struck.size(),
                                        faults.size(),
                                        done.kind(),
                                        done.victim(),
                                        done.back().toMillis() / 1000.0,
                                        load.ledger().brief()));
            }
            boolean quiet = load.finish(QUIET_LIMIT);
            say(
                    (quiet ? "all clients are done; " : "some clients are not done; ")
                            + load.ledger().brief());
            return Examination.of(
                    ConfigLoader.load(fleet.configFile(), Map.of()),
                    load.ledger().account(),
                    ToolLedger.read(fleet.toolLedger()),
                    struck);
        }
    }

    /// Faults that come faster than runs end would meet the same runs again and again.
    private void awaitProgress(Ledger ledger, int before) throws InterruptedException {
        long end = System.nanoTime() + PROGRESS_LIMIT.toNanos();
        while (ledger.done() <= before + plan.streams() / 4 && System.nanoTime() < end) {
            Thread.sleep(POLL);
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private void say(String what) {
        long seconds = elapsed().toSeconds();
        out.println(String.format(Locale.ROOT, "[%02d:%02d] %s", seconds / 60, seconds % 60, what));
    }
}
