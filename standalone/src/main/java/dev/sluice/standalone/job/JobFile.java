package dev.sluice.standalone.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.StartException;
import dev.sluice.common.run.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A file of jobs, a JSON object a line. Empty lines are passed over.
public record JobFile(List<Line> lines) {
    private static final String ID = "id";
    private static final int DIGITS = 12;

    public JobFile {
        lines = List.copyOf(lines);
    }

    /// A job.
    ///
    /// @param id its id
    /// @param value the record's value
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Line(String id, byte[] value) {}

    /// Reads a file. A job without an id gets one that depends on its line and what stands there:
    /// the same file submitted twice is the same jobs.
    ///
    /// @throws StartException naming the line that is no JSON object, or the file that cannot be
    ///   read
    public static JobFile read(Path file) {
        List<Line> lines = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file, UTF_8)) {
            int number = 0;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                if (!text.isBlank()) {
                    lines.add(line(file, number, text));
                }
            }
        } catch (IOException e) {
            throw new StartException(file + " cannot be read: " + e.getMessage(), e);
        }
        return new JobFile(lines);
    }

    private static Line line(Path file, int number, String text) {
        JsonNode json;
        try {
            json = Json.FOREIGN.readTree(text);
        } catch (JacksonException e) {
            throw new StartException("%s:%d: is not valid JSON".formatted(file, number), e);
        }
        if (!(json instanceof ObjectNode job)) {
            throw new StartException("%s:%d: is not a JSON object".formatted(file, number));
        }
        if (!job.has(ID)) {
            job.put(ID, "line-%d-%s".formatted(number, digest(text)));
            return new Line(job.get(ID).stringValue(), Json.FOREIGN.writeValueAsBytes(job));
        }
        return new Line(job.get(ID).asString(), text.getBytes(UTF_8));
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
