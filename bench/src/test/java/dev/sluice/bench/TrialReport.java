package dev.sluice.bench;

import dev.sluice.bench.report.Machine;
import dev.sluice.bench.report.Report;
import dev.sluice.common.run.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/// The report of a trial that a test makes.
public final class TrialReport {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Path file;
    private final Report report;

    /// @param folder where the JSON goes
    public TrialReport(Path folder, String trial, Object plan) {
        file = folder.resolve("report.json");
        report =
                new Report(
                        new PrintStream(printed, true, StandardCharsets.UTF_8),
                        file,
                        trial,
                        plan,
                        Machine.describe(Path.of("..")));
    }

    public Report report() {
        return report;
    }

    public String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    public JsonNode json() throws IOException {
        report.write();
        return Json.MAPPER.readTree(Files.readAllBytes(file));
    }
}
