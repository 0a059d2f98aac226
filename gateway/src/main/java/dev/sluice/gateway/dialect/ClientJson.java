package dev.sluice.gateway.dialect;

import dev.sluice.common.run.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JsonNode;

/// JSON as clients send it, which is read strictly: valid UTF-8, and nested no deeper than our own
/// records have room for.
public final class ClientJson {
    private static final char REPLACEMENT = '\uFFFD';

    private ClientJson() {}

    /// Thrown where something is no JSON; the message is a sentence that its sender may be told.
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String problem;

        MalformedException(String problem) {
            super(problem, null, false, false);
            this.problem = problem;
        }

        /// What is wrong with it, in a sentence.
        public String problem() {
            return problem;
        }
    }

    /// Reads a value.
    public static JsonNode read(byte[] bytes) throws MalformedException {
        if (bytes.length == 0) {
            throw new MalformedException("It is empty.");
        }
        JsonNode json;
        try {
            json = Json.FOREIGN.readTree(text(bytes));
        } catch (StreamConstraintsException _) {
            throw new MalformedException(
                    "It is nested too deeply, or holds a number or name too long.");
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw new MalformedException(
                    at == null
                            ? "It is not valid JSON."
                            : "It is not valid JSON, from line %d, column %d on."
                                    .formatted(at.getLineNr(), at.getColumnNr()));
        }
        if (json.isMissingNode()) {
            throw new MalformedException("It is empty.");
        }
        return json;
    }

    /// Decoded before it is parsed: a JSON parser guesses at other encodings than UTF-8 and lets
    /// some malformed sequences pass. The fast decoder puts a replacement character where something
    /// is malformed; only a text that has one is decoded again by the strict one.
    private static String text(byte[] bytes) throws MalformedException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            } catch (CharacterCodingException _) {
                throw new MalformedException("It is not valid UTF-8.");
            }
        }
        return text;
    }
}
