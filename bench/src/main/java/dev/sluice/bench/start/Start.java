package dev.sluice.bench.start;

import static dev.sluice.bench.report.Table.number;

import dev.sluice.bench.fleet.FleetException;
import dev.sluice.bench.fleet.Folders;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.fleet.Role;
import dev.sluice.bench.fleet.Uses;
import dev.sluice.bench.load.Alternation;
import dev.sluice.bench.load.Percentiles;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.report.Table;
import dev.sluice.embedded.GuardedProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// One trial: `./sluice up` started again and again, each time on an empty folder.
public final class Start {
    private static final double NANOS = 1e9;
    private static final Duration CACHE_LIMIT = Duration.ofMinutes(2);

    private final StartPlan plan;
    private final String javaOptions;
    private final Report report;

    /// @param javaOptions what the user has in [Launcher#JAVA_OPTS]; no part of the plan, which is
    ///   reported, since they may hold a secret
    public Start(StartPlan plan, String javaOptions, Report report) {
        this.plan = plan;
        this.javaOptions = javaOptions;
        this.report = report;
    }

    /// How it is started.
    private enum Way {
        PLAIN("without the AOT cache"),
        CACHED("with the AOT cache");

        private final String title;

        Way(String title) {
            this.title = title;
        }

        List<String> command(List<String> launched, String options) {
            var command = new ArrayList<>(launched);
            if (this == PLAIN) {
                command.addAll(
                        0,
                        List.of(
                                "/usr/bin/env",
                                Launcher.JAVA_OPTS + "=" + options + " -XX:AOTMode=off"));
            }
            return command;
        }
    }

    /// Makes the trial, tells the report, and returns true.
    ///
    /// @param folder of data and logs
    /// @throws dev.sluice.bench.fleet.FleetException if it does not start
    public boolean run(Path folder, Launcher launcher) throws InterruptedException {
        if (plan.cached()) {
            makeCache(folder, launcher);
        }
        List<Way> ways = plan.cached() ? List.of(Way.values()) : List.of(Way.PLAIN);
        var all =
                Alternation.of(
                        plan.starts(),
                        List.of("up"),
                        ways,
                        (_, way, round) -> {
                            Started started = start(way, round + 1, folder, launcher);
                            report.progress(
                                    "start %d of %d %s: %s s"
                                            .formatted(
                                                    round + 1,
                                                    plan.starts(),
                                                    way.title,
                                                    number(started.seconds(), 2)));
                            return started;
                        });
        var table = new Table(2, "./sluice up", "", "median", "least", "most");
        for (Way way : ways) {
            List<Started> starts = all.of("up", way);
            report.put("starts " + way.title, starts);
            row(table, way, "start to ready, s", 2, starts, Started::seconds);
            row(table, way, "resident idle, MiB", 0, starts, Started::mebibytes);
            row(table, way, "  JVM", 0, starts, Started::jvmMebibytes);
            row(table, way, "  Redis", 0, starts, Started::childrenMebibytes);
        }
        report.table("a start, and the memory of an idle standalone", table);
        return true;
    }

    private void makeCache(Path folder, Launcher launcher) {
        report.progress("making the AOT cache, as ./sluice aot does; it stays");
        Path log = folder.resolve("aot.log");
        try {
            var making = GuardedProcess.start(launcher.command("aot"), folder, log);
            if (making.awaitEnd(CACHE_LIMIT).orElse(-1) != 0) {
                making.kill();
                throw new FleetException("the AOT cache cannot be made; the log is " + log);
            }
        } catch (IOException e) {
            throw new FleetException("./sluice aot cannot be started: " + e.getMessage(), e);
        }
    }

    private Started start(Way way, int number, Path folder, Launcher launcher)
            throws InterruptedException {
        String name = "up-%s-%d".formatted(way.name().toLowerCase(Locale.ROOT), number);
        Path data = folder.resolve("data").resolve(name);
        List<String> command = launcher.command("up", "--data", data.toString(), "--port", "0");
        var role = new Role(name, List.of(way.command(command, javaOptions)), folder);
        try {
            long began = System.nanoTime();
            role.start();
            role.awaitServing();
            double seconds = (System.nanoTime() - began) / NANOS;
            Thread.sleep(plan.idle());
            ProcessHandle program = role.program();
            return new Started(
                    seconds,
                    Uses.residentBytes(program),
                    program.descendants().mapToLong(Uses::residentBytes).sum());
        } finally {
            role.abandon();
            Folders.remove(folder.resolve("data"));
        }
    }

    private static void row(
            Table table,
            Way way,
            String what,
            int decimals,
            List<Started> all,
            ToDoubleFunction<Started> of) {
        var range = all.stream().mapToDouble(of).summaryStatistics();
        table.row(
                List.of(
                        way.title,
                        what,
                        number(Percentiles.median(all, of), decimals),
                        number(range.getMin(), decimals),
                        number(range.getMax(), decimals)));
    }
}
