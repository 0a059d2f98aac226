package dev.sluice.bench.chaos.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.bench.chaos.script.ToolKind;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// The file in which the tools write down what is called: one line for each beginning and end of a
/// call, with its fields separated by tabs. Thread-safe.
public final class ToolLedger {
    /// The field of a call's `_meta` that holds `run id/call id`.
    static final String IDEMPOTENCY_KEY = "dev.sluice/idempotency-key";

    /// No channel: that would be closed for all by a call that is cancelled while it writes.
    private final FileOutputStream file;

    private ToolLedger(FileOutputStream file) {
        this.file = file;
    }

    /// What became of a call.
    public enum Phase {
        /// It began.
        STARTED,
        /// It did what it should.
        COMPLETED,
        /// It was cancelled while it worked.
        CANCELLED
    }

    /// A line.
    ///
    /// @param at by the tools' clock, to the millisecond
    /// @param key the call's own
    /// @param id what the worker calls the call: `run id/call id`
    public record Entry(Instant at, Phase phase, ToolKind tool, String key, String id) {}

    static ToolLedger open(Path path) throws IOException {
        return new ToolLedger(new FileOutputStream(path.toFile(), true));
    }

    /// The lines so far.
    public static List<Entry> read(Path path) throws IOException {
        return Files.readAllLines(path, UTF_8).stream().map(ToolLedger::entry).toList();
    }

    private static Entry entry(String line) {
        String[] fields = line.split("\t", -1);
        return new Entry(
                Instant.ofEpochMilli(Long.parseLong(fields[0])),
                Phase.valueOf(fields[1]),
                ToolKind.valueOf(fields[2]),
                fields[3],
                fields[4]);
    }

    synchronized void write(Phase phase, ToolKind tool, String key, String id) {
        String line =
                "%d\t%s\t%s\t%s\t%s\n"
                        .formatted(Instant.now().toEpochMilli(), phase, tool, key, id);
        try {
            file.write(line.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
