package dev.sluice.gateway.http.access;

import dev.sluice.common.config.KeyConfig;
import dev.sluice.common.config.Secret;
import dev.sluice.common.run.Failure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Says whose request this is. Safe for any thread.
public final class Keys {
    private static final String BEARER = "Bearer ";
    private static final String API_KEY = "X-API-Key";

    private final List<Known> known;
    private final Clock clock;

    /// These keys; where there are none, nobody needs one.
    public Keys(List<KeyConfig> keys, Clock clock) {
        this.known = keys.stream().map(Known::of).toList();
        this.clock = clock;
    }

    /// What identifying a request came to.
    public sealed interface Identity {
        /// No keys are configured: anybody may ask for anything.
        record Anybody() implements Identity {}

        /// The holder of this key.
        record Holder(KeyConfig key) implements Identity {}

        /// Nobody who may ask.
        ///
        /// @param expired the id of the key that came, where it is one that has expired
        record Nobody(Failure.Unauthenticated failure, @Nullable String expired)
                implements Identity {}
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    private record Known(KeyConfig config, byte[] digest) {
        static Known of(KeyConfig key) {
            Secret sha256 = key.sha256();
            Secret plain = key.key();
            return new Known(
                    key,
                    sha256 != null
                            ? HexFormat.of().parseHex(sha256.reveal())
                            : sha256(plain == null ? "" : plain.reveal()));
        }
    }

    /// Identifies the sender by the key in `Authorization: Bearer` or `X-API-Key`.
    public Identity identify(HttpServerRequest request) {
        if (known.isEmpty()) {
            return new Identity.Anybody();
        }
        String presented = presented(request);
        if (presented == null) {
            return new Identity.Nobody(new Failure.Unauthenticated(false), null);
        }
        byte[] digest = sha256(presented);
        KeyConfig match = null;
        // Every key is compared, so that the time taken says nothing about which one was close.
        for (Known key : known) {
            if (MessageDigest.isEqual(key.digest(), digest)) {
                match = key.config();
            }
        }
        if (match == null || expired(match)) {
            return new Identity.Nobody(
                    new Failure.Unauthenticated(true), match == null ? null : match.id());
        }
        return new Identity.Holder(match);
    }

    private boolean expired(KeyConfig key) {
        return key.expiresAt() != null && !clock.instant().isBefore(key.expiresAt());
    }

    private static @Nullable String presented(HttpServerRequest request) {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (authorization != null
                && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return authorization.substring(BEARER.length()).strip();
        }
        return request.getHeader(API_KEY);
    }

    private static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
