package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The Redis primary.
@Doc("The Redis primary.")
public record RedisConfig(
        @Doc(
                        "Where it is: `redis://host:port/db`, `rediss://` with TLS,"
                                + " `redis-sentinel://host:port#name` with Sentinel.")
                @Default("redis://127.0.0.1:6379")
                Secret url,
        @Doc("The ACL user, where the URL does not name it.") @Nullable String username,
        @Doc("The password, where the URL does not hold it.") @Nullable Secret password,
        @Nullable Tls tls,
        @Doc("What the names of keys begin with.") @Default("sluice") String keyPrefix,
        @Doc("How long a command may take.") @Default("2s") Duration timeout) {

    /// TLS beyond the system's trust store.
    @Doc("TLS settings beyond the system's trust store, for `rediss://`.")
    public record Tls(
            @Doc("A PEM file of the authorities to trust.") @Nullable String caFile,
            @Doc("A PEM file of the client's certificate.") @Nullable String certFile,
            @Doc("A PEM file of the client's key.") @Nullable String keyFile,
            @Doc("`full` checks the name, `ca` only the chain, `none` nothing.") @Default("full")
                    Verify verify) {
        /// How the server's certificate is checked.
        public enum Verify {
            /// Chain and name.
            FULL,
            /// The chain only.
            CA,
            /// Nothing.
            NONE
        }

        public Tls {
            new Checks()
                    .that(
                            (certFile == null) == (keyFile == null),
                            "key_file",
                            "goes with cert_file, both or neither",
                            "cert_file")
                    .done();
        }
    }

    public RedisConfig {
        new Checks()
                .that(
                        url.reveal().matches("(redis|rediss|redis-sentinel|rediss-sentinel)://.+"),
                        "url",
                        "must begin with redis://, rediss://, redis-sentinel:// or rediss-sentinel://")
                .that(timeout.isPositive(), "timeout", "must be longer than 0")
                .that(!keyPrefix.isBlank(), "key_prefix", "must not be blank")
                .done();
    }
}
