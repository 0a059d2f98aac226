package dev.sluice.bench.report;

import dev.sluice.common.run.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What a trial says while it works and when it has ended, and what it writes down.
public final class Report {
    private final PrintStream out;
    private final Path file;
    private final Map<String, Object> json = new LinkedHashMap<>();
    private final long began = System.nanoTime();

    /// @param out where people read
    /// @param file where the JSON goes
    /// @param trial the name of the command
    /// @param plan what it was told to do
    public Report(PrintStream out, Path file, String trial, Object plan, Machine machine) {
        this.out = out;
        this.file = file;
        json.put("trial", trial);
        json.put("machine", machine);
        json.put("plan", plan);
        out.println(machine);
    }

    /// Says how the trial goes on.
    public void progress(String what) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
        out.println(String.format(Locale.ROOT, "[%02d:%02d] %s", seconds / 60, seconds % 60, what));
    }

    /// Prints a table below a title.
    public void table(String title, Table table) {
        out.println();
        out.println(title);
        out.println();
        table.lines().forEach(out::println);
    }

    /// Prints a complaint, or an explanation, each on a line.
    public void remarks(List<String> remarks) {
        if (!remarks.isEmpty()) {
            out.println();
            remarks.forEach(out::println);
        }
    }

    /// Puts something into the JSON: records, lists and maps of such.
    public void put(String name, Object value) {
        json.put(name, value);
    }

    /// Writes the JSON, and says where.
    public void write() throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        out.println();
        out.println("written to " + file);
    }
}
