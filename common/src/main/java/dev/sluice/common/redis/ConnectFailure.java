package dev.sluice.common.redis;

import dev.sluice.common.config.RedisConfig;
import dev.sluice.common.config.RedisUrl;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Why Redis cannot be reached or used.
sealed interface ConnectFailure {
    /// Nothing answers.
    record Silent() implements ConnectFailure {}

    /// The login is refused.
    record Login() implements ConnectFailure {}

    /// The user lacks a right.
    ///
    /// @param answer what Redis says about it
    record Right(String answer) implements ConnectFailure {}

    /// No TLS comes about.
    ///
    /// @param reason why not
    record Tls(String reason) implements ConnectFailure {}

    /// The failure behind an exception.
    static ConnectFailure of(Throwable thrown) {
        return find(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static ConnectFailure find(@Nullable Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) {
            return new Silent();
        }
        String message = String.valueOf(thrown.getMessage());
        if (thrown instanceof RedisCommandExecutionException) {
            if (message.startsWith("NOPERM")) {
                return new Right(message);
            }
            if (message.matches("(?s)(WRONGPASS|NOAUTH|ERR AUTH|ERR Client sent AUTH).*")) {
                return new Login();
            }
        }
        if (thrown instanceof SSLException) {
            return new Tls(message);
        }
        // What the several Sentinels said may stand beside the cause.
        ConnectFailure failure = find(thrown.getCause(), seen);
        for (Throwable other : thrown.getSuppressed()) {
            failure = failure instanceof Silent ? find(other, seen) : failure;
        }
        return failure;
    }

    /// Whether trying again is of no use.
    default boolean lasting() {
        return switch (this) {
            case Silent _ -> false;
            case Login _, Right _ -> true;
            // A connection that closes meanwhile may be that of a server on its way up or down.
            case Tls(String reason) -> !reason.contains("closed");
        };
    }

    /// For the operator, in one line and without secrets.
    default String explained(RedisConfig config) {
        RedisUrl url = config.address();
        RedisUrl.Host host = url.hosts().getFirst();
        String at =
                url.primary() == null
                        ? "Redis at " + host.name() + ":" + host.port()
                        : "Redis, primary " + url.primary() + " of its Sentinels,";
        return switch (this) {
            case Silent _ -> at + " does not answer: check redis.url, and that it runs";
            case Login _ ->
                    at
                            + " refuses the login: check redis.username and redis.password, or redis.url"
                            + (url.primary() == null ? "" : ", and redis.sentinel");
            case Right(String answer) -> at + " does not let its user do what it must: " + answer;
            case Tls(String reason) ->
                    at + " and TLS: " + reason + "; check redis.url and redis.tls";
        };
    }
}
