package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/// The name of a run: `run_` and 32 hexadecimal digits, of which the first twelve are the
/// milliseconds since 1970, so that ids sort by age.
public record RunId(@JsonValue String value) {
    private static final String PREFIX = "run_";
    private static final SecureRandom RANDOM = new SecureRandom();

    @JsonCreator
    public RunId {
        if (!value.startsWith(PREFIX) || value.length() <= PREFIX.length() || value.length() > 80) {
            throw new IllegalArgumentException("a run id begins with " + PREFIX);
        }
    }

    /// A new id, made at `epochMillis`.
    public static RunId at(long epochMillis) {
        byte[] tail = new byte[10];
        RANDOM.nextBytes(tail);
        HexFormat hex = HexFormat.of();
        return new RunId(PREFIX + hex.toHexDigits(epochMillis, 12) + hex.formatHex(tail));
    }

    /// The id that these parts always have: 32 digits of their digest. It does not sort by age.
    public static RunId derived(String... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                // The length keeps ("ab", "c") and ("a", "bc") apart.
                digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
                digest.update(bytes);
            }
            return new RunId(PREFIX + HexFormat.of().formatHex(digest.digest(), 0, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// The id without its prefix, to build other ids from.
    public String suffix() {
        return value.substring(PREFIX.length());
    }

    @Override
    public String toString() {
        return value;
    }
}
