package dev.sluice.bench.start;

import static dev.sluice.bench.report.Table.number;

import dev.sluice.bench.fleet.Folders;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.fleet.Role;
import dev.sluice.bench.fleet.Uses;
import dev.sluice.bench.load.Percentiles;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.report.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// One trial: `./sluice up` started again and again, each time on an empty folder.
public final class Start {
    private static final double NANOS = 1e9;

    private final StartPlan plan;
    private final Report report;

    public Start(StartPlan plan, Report report) {
        this.plan = plan;
        this.report = report;
    }

    /// Makes the trial, tells the report, and returns true.
    ///
    /// @param folder of data and logs
    /// @throws dev.sluice.bench.fleet.FleetException if it does not start
    public boolean run(Path folder, Launcher launcher) throws InterruptedException {
        List<Started> all = new ArrayList<>();
        for (int i = 1; i <= plan.starts(); i++) {
            Started started = start("up-" + i, folder, launcher);
            all.add(started);
            report.progress(
                    "start %d of %d: %s s"
                            .formatted(i, plan.starts(), number(started.seconds(), 2)));
        }
        report.put("starts", all);
        var table = new Table(1, "./sluice up", "median", "least", "most");
        row(table, "start to ready, s", 2, all, Started::seconds);
        row(table, "resident idle, MiB", 0, all, Started::mebibytes);
        row(table, "  JVM", 0, all, Started::jvmMebibytes);
        row(table, "  Redis", 0, all, Started::childrenMebibytes);
        report.table("a start, and the memory of an idle standalone", table);
        return true;
    }

    private Started start(String name, Path folder, Launcher launcher) throws InterruptedException {
        Path data = folder.resolve("data").resolve(name);
        var role =
                new Role(
                        name,
                        List.of(launcher.command("up", "--data", data.toString(), "--port", "0")),
                        folder);
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
            String what,
            int decimals,
            List<Started> all,
            ToDoubleFunction<Started> of) {
        var range = all.stream().mapToDouble(of).summaryStatistics();
        table.row(
                List.of(
                        what,
                        number(Percentiles.median(all, of), decimals),
                        number(range.getMin(), decimals),
                        number(range.getMax(), decimals)));
    }
}
