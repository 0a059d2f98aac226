package dev.sluice.common.config;

import dev.sluice.common.config.binding.Binder;
import dev.sluice.common.config.binding.Findings;
import dev.sluice.common.config.binding.Node;
import dev.sluice.common.config.binding.Problem;
import dev.sluice.common.config.binding.ScalarType;
import dev.sluice.common.config.binding.ScalarTypes;
import dev.sluice.common.config.binding.YamlReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `sluice.yaml` into a [SluiceConfig], or says everything that is wrong with it.
public final class ConfigLoader {
    /// The types that the configuration writes as one value.
    public static final ScalarTypes SCALARS =
            new ScalarTypes(
                    List.of(
                            new ScalarType(Secret.class, "secret", "text", true, null, Secret::new),
                            new ScalarType(
                                    ByteSize.class,
                                    "size",
                                    "a size such as 512, 64KiB or 8MiB",
                                    false,
                                    "\\d+ ?(B|[KMG]i?B)?",
                                    ByteSize::parse)));

    private ConfigLoader() {}

    /// Reads a file.
    ///
    /// @param file the file, in UTF-8
    /// @param environment what `${VAR}` in it refers to
    /// @throws ConfigException when it cannot be read or used
    public static SluiceConfig load(Path file, Map<String, String> environment) {
        String source = String.valueOf(file.getFileName());
        try {
            return parse(Files.readString(file), source, environment);
        } catch (NoSuchFileException e) {
            throw unreadable(file, "cannot be read: there is no such file");
        } catch (CharacterCodingException e) {
            throw unreadable(file, "cannot be read: it is not UTF-8 text");
        } catch (IOException e) {
            throw unreadable(file, "cannot be read: " + e.getClass().getSimpleName());
        }
    }

    /// Reads a text.
    ///
    /// @param yaml the text; an empty one gives the defaults
    /// @param sourceName what problems call it, `sluice.yaml`
    /// @param environment what `${VAR}` in it refers to
    /// @throws ConfigException when it cannot be used
    public static SluiceConfig parse(
            String yaml, String sourceName, Map<String, String> environment) {
        var findings = new Findings(sourceName);
        @Nullable Node root = new YamlReader(findings, environment).read(yaml);
        @Nullable SluiceConfig config =
                root == null ? null : new Binder(findings, SCALARS).bind(SluiceConfig.class, root);
        if (config != null) {
            new CrossChecks(config, findings).run();
        }
        if (config == null || !findings.problems().isEmpty()) {
            throw new ConfigException(findings.problems());
        }
        return config;
    }

    private static ConfigException unreadable(Path file, String rule) {
        return new ConfigException(List.of(new Problem(file.toString(), "", null, rule)));
    }
}
