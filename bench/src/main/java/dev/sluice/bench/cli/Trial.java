package dev.sluice.bench.cli;

import dev.sluice.bench.fleet.FleetException;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.report.Machine;
import dev.sluice.bench.report.Report;
import dev.sluice.standalone.cli.Console;
import dev.sluice.standalone.cli.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// What surrounds every measurement: its folder, its report, and its exit status.
final class Trial {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    private final Console console;

    Trial(Console console) {
        this.console = console;
    }

    /// A measurement.
    @FunctionalInterface
    interface Measurement {
        /// Returns whether nothing was lost and nothing failed.
        boolean run(Path folder, Launcher launcher, Report report) throws InterruptedException;
    }

    /// Makes a trial and returns its exit status.
    ///
    /// @param plan what the report says was to be done
    int run(String name, TrialOptions options, Object plan, Measurement measurement)
            throws IOException {
        DataFolder data = options.data();
        Path parent = data == null ? console.dataFolder().resolveSibling("bench") : data.path();
        Path folder =
                parent.resolve(name + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP))
                        .toAbsolutePath();
        Files.createDirectories(folder);
        Path project = console.dataFolder().resolve("../..").toAbsolutePath().normalize();
        Path json = options.json() == null ? folder.resolve("report.json") : options.json();
        var report = new Report(console.out(), json, name, plan, Machine.describe(project));
        report.progress("starting; logs go to " + folder);
        try {
            boolean clean =
                    measurement.run(folder, Launcher.script(project.resolve("sluice")), report);
            report.write();
            return clean ? 0 : 1;
        } catch (FleetException | IllegalStateException e) {
            console.err().println("./sluice bench " + name + ": " + e.getMessage());
        } catch (InterruptedException _) {
            console.err().println("./sluice bench " + name + ": stopped before its end");
        }
        console.err().println("logs are kept in " + folder);
        return 1;
    }
}
