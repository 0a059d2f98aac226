package dev.sluice.embedded.model;

import dev.sluice.embedded.model.rule.Pace;
import dev.sluice.embedded.model.rule.Reply;
import dev.sluice.embedded.model.rule.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a [ScriptedModel] says: rules of which the first that matches a request answers it.
///
/// @param models the names it serves; empty: every name is taken
/// @param apiKey the bearer token it asks for; absent: it asks for none
/// @param journal how many requests are kept, at least 1
/// @param pace how fast answers stream, unless a rule says otherwise
/// @param rules in the order in which they are tried
/// @param fallback the reply when no rule matches; absent: a 400 that says so
public record Script(
        List<String> models,
        @Nullable String apiKey,
        int journal,
        Pace pace,
        List<Rule> rules,
        @Nullable Reply fallback) {

    static final int DEFAULT_JOURNAL = 10_000;

    public Script {
        models = List.copyOf(models);
        rules = List.copyOf(rules);
        if (journal < 1) {
            throw new IllegalArgumentException("journal: " + journal + " is not positive");
        }
    }

    /// The script that `yaml` describes; the package documentation gives the format.
    ///
    /// @throws ScriptException with every problem found
    public static Script parse(String yaml) {
        return ScriptReader.read(yaml);
    }

    /// The script in `file`.
    ///
    /// @throws ScriptException with every problem found
    /// @throws UncheckedIOException if the file cannot be read
    public static Script load(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The script of the demo agent: the time in a city, arithmetic, a story.
    public static Script demo() {
        try (InputStream yaml = Script.class.getResourceAsStream("demo.yaml")) {
            byte[] bytes = Objects.requireNonNull(yaml, "demo.yaml is missing").readAllBytes();
            return parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether requests for `model` are served.
    boolean serves(String model) {
        return models.isEmpty() || models.contains(model);
    }

    /// The names that `GET /v1/models` lists.
    List<String> listedModels() {
        return models.isEmpty() ? List.of("scripted") : models;
    }

    Optional<Reply> fallbackReply() {
        return Optional.ofNullable(fallback);
    }
}
