package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The Redis primary, and how to reach it.
@Doc("The Redis primary, and how to reach it.")
public record RedisConfig(
        @Doc(
                        "Where it is: `redis://host:port/database`, `rediss://` with TLS,"
                                + " `redis-sentinel://host:port,host:port/database#primary` and"
                                + " `rediss-sentinel://` with Sentinel. `user:password@` may precede"
                                + " the host.")
                @Default("redis://127.0.0.1:6379")
                Secret url,
        @Doc("The ACL user, where the URL does not name it.") @Nullable String username,
        @Doc("The password, where the URL does not hold it.") @Nullable Secret password,
        @Nullable Sentinel sentinel,
        @Nullable Tls tls,
        @Doc("What `CLIENT LIST` calls the connections.") @Nullable String clientName,
        @Default("{}") KeepAlive keepAlive,
        @Doc("What the names of keys begin with.") @Default("sluice") String keyPrefix,
        @Doc("How long connecting, and a command, may take.") @Default("2s") Duration timeout) {

    /// The login at the Sentinels, which is not that at the primary.
    @Doc(
            "The login at the Sentinels, for `redis-sentinel://`; `username`, `password` and the"
                    + " URL's are those at the primary.")
    public record Sentinel(
            @Doc("The ACL user.") @Nullable String username,
            @Doc("The password.") Secret password) {
        public Sentinel {
            new Checks()
                    .that(username == null || !username.isBlank(), "username", "must not be blank")
                    .that(!password.reveal().isBlank(), "password", "must not be blank")
                    .done();
        }
    }

    /// TLS beyond the system's trust store.
    @Doc(
            "TLS settings beyond the system's trust store, for `rediss://` and `rediss-sentinel://`,"
                    + " the Sentinels included.")
    public record Tls(
            @Doc("A PEM file of the authorities to trust in place of the system's.")
                    @Nullable String caFile,
            @Doc("A PEM file of the client's certificate and those that vouch for it.")
                    @Nullable String certFile,
            @Doc("A PEM file of the client's key, in PKCS #8.") @Nullable String keyFile,
            @Doc("The password of an encrypted `key_file`.") @Nullable Secret keyPassword,
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
                    .that(
                            keyPassword == null || keyFile != null,
                            "key_password",
                            "goes with key_file",
                            "key_file")
                    .done();
        }
    }

    /// How the operating system tells that the other side of a silent connection is gone.
    @Doc("How the operating system tells that the other side of a silent connection is gone.")
    public record KeepAlive(
            @Doc("How long a connection may be silent before it is probed.") @Default("13s")
                    Duration idle,
            @Doc("The time between two probes.") @Default("13s") Duration interval,
            @Doc("How many probes in a row must go unanswered.") @Default("3") int count) {
        public KeepAlive {
            String seconds = "must be whole seconds, between 1s and 9h";
            new Checks()
                    .that(isWholeSeconds(idle), "idle", seconds)
                    .that(isWholeSeconds(interval), "interval", seconds)
                    .that(count >= 1 && count <= 127, "count", "must be between 1 and 127")
                    .done();
        }

        private static boolean isWholeSeconds(Duration duration) {
            return duration.isPositive()
                    && duration.toNanosPart() == 0
                    && duration.compareTo(Duration.ofHours(9)) <= 0;
        }
    }

    public RedisConfig {
        @Nullable RedisUrl at = null;
        String rule = "";
        try {
            at = RedisUrl.parse(url.reveal());
        } catch (IllegalArgumentException e) {
            rule = String.valueOf(e.getMessage());
        }
        boolean known = at != null;
        boolean secure = at != null && at.tls();
        boolean watched = at != null && at.primary() != null;
        @Nullable String urlUser = at == null ? null : at.user();
        @Nullable Secret urlPassword = at == null ? null : at.password();
        new Checks()
                .that(known, "url", rule)
                .that(username == null || !username.isBlank(), "username", "must not be blank")
                .that(username == null || urlUser == null, "username", "is in url already", "url")
                .that(
                        password == null || !password.reveal().isBlank(),
                        "password",
                        "must not be blank")
                .that(
                        password == null || urlPassword == null,
                        "password",
                        "is in url already",
                        "url")
                .that(
                        (username == null && urlUser == null)
                                || password != null
                                || urlPassword != null,
                        "password",
                        "is required with a user",
                        "url",
                        "username")
                .that(
                        sentinel == null || watched,
                        "sentinel",
                        "goes only with redis-sentinel:// and rediss-sentinel://",
                        "url")
                .that(
                        tls == null || secure,
                        "tls",
                        "goes only with rediss:// and rediss-sentinel://",
                        "url")
                .that(
                        clientName == null || clientName.matches("[!-~]{1,100}"),
                        "client_name",
                        "must be ASCII without spaces, 100 characters at the most")
                .that(!keyPrefix.isBlank(), "key_prefix", "must not be blank")
                .that(timeout.isPositive(), "timeout", "must be longer than 0")
                .done();
    }

    /// A server, with the login that its URL holds, if any, and nothing else to say about it.
    public static RedisConfig of(String url, String keyPrefix, Duration timeout) {
        KeepAlive keepAlive = new KeepAlive(Duration.ofSeconds(13), Duration.ofSeconds(13), 3);
        return new RedisConfig(
                new Secret(url), null, null, null, null, null, keepAlive, keyPrefix, timeout);
    }

    /// What [#url] says.
    public RedisUrl address() {
        return RedisUrl.parse(url.reveal());
    }
}
