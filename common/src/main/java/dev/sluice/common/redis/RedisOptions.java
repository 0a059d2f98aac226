package dev.sluice.common.redis;

import dev.sluice.common.StartException;
import dev.sluice.common.config.RedisConfig;
import dev.sluice.common.config.RedisUrl;
import dev.sluice.common.config.Secret;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.TimeoutOptions;
import java.io.File;
import java.io.IOException;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/// The configuration in Lettuce's terms.
final class RedisOptions {
    private final RedisConfig config;
    private final RedisUrl address;

    RedisOptions(RedisConfig config) {
        this.config = config;
        this.address = config.address();
    }

    /// Where to connect, and as whom.
    RedisURI uri() {
        RedisURI.Builder uri = RedisURI.builder().withDatabase(address.database());
        if (address.primary() == null) {
            RedisUrl.Host host = address.hosts().getFirst();
            uri.withHost(host.name()).withPort(host.port());
        } else {
            uri.withSentinelMasterId(address.primary());
            address.hosts().forEach(host -> uri.withSentinel(sentinel(host)));
        }
        if (config.clientName() != null) {
            uri.withClientName(config.clientName());
        }
        String user = address.user() == null ? config.username() : address.user();
        Secret password = address.password() == null ? config.password() : address.password();
        return connected(uri, user, password);
    }

    private RedisURI sentinel(RedisUrl.Host host) {
        RedisURI.Builder uri = RedisURI.builder().withHost(host.name()).withPort(host.port());
        RedisConfig.Sentinel login = config.sentinel();
        return login == null
                ? connected(uri, null, null)
                : connected(uri, login.username(), login.password());
    }

    /// What holds for every connection.
    private RedisURI connected(
            RedisURI.Builder uri, @Nullable String user, @Nullable Secret password) {
        RedisConfig.Tls tls = config.tls();
        uri.withTimeout(config.timeout()).withSsl(address.tls());
        if (tls != null) {
            uri.withVerifyPeer(
                    switch (tls.verify()) {
                        case FULL -> SslVerifyMode.FULL;
                        case CA -> SslVerifyMode.CA;
                        case NONE -> SslVerifyMode.NONE;
                    });
        }
        if (password != null) {
            uri.withAuthentication(
                    new StaticCredentialsProvider(user, password.reveal().toCharArray()));
        }
        return uri.build();
    }

    /// How connections behave.
    ///
    /// @throws StartException if the files for TLS cannot be used
    ClientOptions client() {
        RedisConfig.KeepAlive keepAlive = config.keepAlive();
        ClientOptions.Builder options =
                ClientOptions.builder()
                        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                        .timeoutOptions(TimeoutOptions.enabled(config.timeout()))
                        .socketOptions(
                                SocketOptions.builder()
                                        .connectTimeout(config.timeout())
                                        .tcpNoDelay(true)
                                        .keepAlive(
                                                KeepAliveOptions.builder()
                                                        .enable()
                                                        .idle(keepAlive.idle())
                                                        .interval(keepAlive.interval())
                                                        .count(keepAlive.count())
                                                        .build())
                                        .build());
        RedisConfig.Tls tls = config.tls();
        if (tls != null) {
            options.sslOptions(ssl(tls));
        }
        return options.build();
    }

    private static SslOptions ssl(RedisConfig.Tls tls) {
        SslOptions.Builder ssl = SslOptions.builder();
        if (tls.caFile() != null) {
            ssl.trustManager(readable(tls.caFile(), "ca_file"));
        }
        if (tls.certFile() != null && tls.keyFile() != null) {
            Secret password = tls.keyPassword();
            ssl.keyManager(
                    readable(tls.certFile(), "cert_file"),
                    readable(tls.keyFile(), "key_file"),
                    password == null ? null : password.reveal().toCharArray());
        }
        SslOptions options = ssl.build();
        try {
            // Lettuce would read the files with each connection, and say so then.
            options.createSslContextBuilder().build();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new StartException("redis.tls: the files cannot be used: " + e.getMessage(), e);
        }
        return options;
    }

    private static File readable(String path, String key) {
        var file = new File(path);
        if (!file.isFile() || !file.canRead()) {
            throw new StartException(
                    "redis.tls.%s: %s is no file that can be read".formatted(key, path));
        }
        return file;
    }
}
