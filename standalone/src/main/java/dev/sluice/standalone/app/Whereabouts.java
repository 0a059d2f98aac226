package dev.sluice.standalone.app;

import dev.sluice.common.StartException;
import dev.sluice.common.run.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/// Where a running `up` is to be found: a file in its data folder, for the commands that speak to
/// it.
///
/// @param url its gateway's address
public record Whereabouts(String bootstrapServers, String topicPrefix, String url) {
    private static final String FILE = "up.json";

    /// Writes it into a data folder.
    void write(Path data) throws IOException {
        Path written =
                Files.write(data.resolve(FILE + ".new"), Json.MAPPER.writeValueAsBytes(this));
        Files.move(written, data.resolve(FILE), StandardCopyOption.REPLACE_EXISTING);
    }

    /// Takes it back.
    static void erase(Path data) throws IOException {
        Files.deleteIfExists(data.resolve(FILE));
    }

    /// Reads it from a data folder.
    ///
    /// @throws StartException where there is none
    public static Whereabouts read(Path data) {
        return find(data)
                .orElseThrow(() ->
                        new StartException(
                                "no ./sluice up runs on %s: start it, name its --data, or say --config"
                                        .formatted(data)));
    }

    /// Reads it from a data folder, where there is one.
    ///
    /// @throws StartException where it cannot be read
    public static Optional<Whereabouts> find(Path data) {
        try {
            return Optional.of(
                    Json.MAPPER.readValue(
                            Files.readAllBytes(data.resolve(FILE)), Whereabouts.class));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException | JacksonException e) {
            throw new StartException("%s cannot be read".formatted(data.resolve(FILE)), e);
        }
    }
}
