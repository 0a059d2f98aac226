package dev.sluice.common.audit;

import dev.sluice.common.run.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.JsonNodeFeature;

/// The SHA-256 of a tool call's arguments, by which calls can be compared that are not shown: over
/// their JSON without white space and with the fields of every object in the order of their names,
/// in UTF-8. Arguments that are no JSON count as the text that they are.
public final class ArgumentsDigest {
    private static final ObjectWriter CANONICAL =
            Json.FOREIGN.writer().with(JsonNodeFeature.WRITE_PROPERTIES_SORTED);

    private ArgumentsDigest() {}

    /// The digest in hexadecimal.
    public static String of(String arguments) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(canonical(arguments)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] canonical(String arguments) {
        try {
            JsonNode json = Json.FOREIGN.readTree(arguments);
            if (!json.isMissingNode()) {
                return CANONICAL.writeValueAsBytes(json);
            }
        } catch (JacksonException _) {
            // What a model writes need not be JSON.
        }
        return arguments.getBytes(StandardCharsets.UTF_8);
    }
}
