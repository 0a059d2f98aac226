package dev.sluice.standalone.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.StartException;
import dev.sluice.common.run.JobId;
import dev.sluice.common.run.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A file of jobs, a JSON object a line, read as often as it is needed. Empty lines are passed
/// over.
///
/// @param count how many jobs it has
public record JobFile(Path path, int count) {
    private static final String ID = "id";
    private static final int DIGITS = 12;

    /// A job.
    ///
    /// @param id its id
    /// @param value the record's value
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Line(String id, byte[] value) {}

    /// Reads a file to see whether all that stands there can be submitted.
    ///
    /// @throws StartException naming the line that is no JSON object, whose id no job may have, or
    ///   whose id a line before has that says something else; or the file that cannot be read
    public static JobFile checked(Path path) {
        var count = new AtomicInteger();
        Map<String, Integer> contents = new HashMap<>();
        read(
                path,
                job -> {
                    count.incrementAndGet();
                    int content = Arrays.hashCode(job.value());
                    if (contents.getOrDefault(job.id(), content) != content) {
                        throw new StartException(
                                "%s: two lines have the id '%s' and do not say the same"
                                        .formatted(path, job.id()));
                    }
                    contents.put(job.id(), content);
                });
        return new JobFile(path, count.get());
    }

    /// Reads the jobs, one by one. One without an id gets one that depends on its line and what
    /// stands there: the same file submitted twice is the same jobs.
    ///
    /// @throws StartException as [#checked(Path)] does
    void forEach(Consumer<Line> job) {
        read(path, job);
    }

    private static void read(Path path, Consumer<Line> job) {
        try (BufferedReader reader = Files.newBufferedReader(path, UTF_8)) {
            int number = 0;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                if (!text.isBlank()) {
                    job.accept(line(path + ":" + number, number, text));
                }
            }
        } catch (CharacterCodingException e) {
            throw new StartException(path + " is not in UTF-8", e);
        } catch (IOException e) {
            throw new StartException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Line line(String where, int number, String text) {
        JsonNode json;
        try {
            json = Json.FOREIGN.readTree(text);
        } catch (JacksonException e) {
            throw new StartException(where + ": is not valid JSON", e);
        }
        if (!(json instanceof ObjectNode job)) {
            throw new StartException(where + ": is not a JSON object");
        }
        JsonNode id = job.path(ID);
        if (id.isMissingNode() || id.isNull()) {
            String named = "line-%d-%s".formatted(number, digest(text));
            return new Line(named, Json.FOREIGN.writeValueAsBytes(job.put(ID, named)));
        }
        if (!id.isString()) {
            throw new StartException(where + ": id: expected a string.");
        }
        if (!JobId.isOne(id.stringValue())) {
            throw new StartException(where + ": id: " + JobId.RULE);
        }
        return new Line(id.stringValue(), text.getBytes(UTF_8));
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
