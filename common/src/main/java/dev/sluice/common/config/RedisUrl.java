package dev.sluice.common.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a Redis URL says: `redis://user:password@host:port/database`, or
/// `redis-sentinel://user:password@host:port,host:port/database#primary`; `rediss` is with TLS.
///
/// @param tls whether the servers, Sentinels too, speak TLS
/// @param hosts the server, or the Sentinels
/// @param user the ACL user; null where the URL names none
/// @param password null where the URL holds none
/// @param database the number of the database
/// @param primary the name of the primary that the Sentinels watch; null without Sentinel
public record RedisUrl(
        boolean tls,
        List<Host> hosts,
        @Nullable String user,
        @Nullable Secret password,
        int database,
        @Nullable String primary) {

    /// Where a server listens.
    ///
    /// @param name its name or address, IPv6 without brackets
    /// @param port its port
    public record Host(String name, int port) {}

    private static final Pattern URL =
            Pattern.compile(
                    "(?<scheme>rediss?(-sentinel)?)://((?<login>[^@/?#]*)@)?(?<hosts>[^@/?#]*)"
                            + "(/(?<database>[^?#]*))?(?<query>\\?[^#]*)?(#(?<primary>.*))?",
                    Pattern.DOTALL);
    private static final Pattern HOST =
            Pattern.compile("(?<name>\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(:(?<port>\\d{1,5}))?");
    private static final int REDIS_PORT = 6379;
    private static final int SENTINEL_PORT = 26379;

    public RedisUrl {
        hosts = List.copyOf(hosts);
    }

    /// Reads a URL.
    ///
    /// @throws IllegalArgumentException if it is none; the message is the rule that it breaks, and
    ///   holds nothing of the URL
    public static RedisUrl parse(String text) {
        Matcher url = URL.matcher(text);
        if (!url.matches()) {
            throw new IllegalArgumentException(
                    text.matches("(?s)rediss?(-sentinel)?://.*")
                            ? "is no URL: a special character of the password wants"
                                    + " percent-encoding, %40 for @"
                            : "must begin with redis://, rediss://, redis-sentinel:// or"
                                    + " rediss-sentinel://");
        }
        boolean sentinel = url.group("scheme").endsWith("-sentinel");
        if (url.group("query") != null) {
            throw new IllegalArgumentException(
                    "must have no parameters: timeout, client_name and tls are keys of redis");
        }
        @Nullable String login = url.group("login");
        @Nullable String password =
                login == null ? null : decoded(login.substring(login.indexOf(':') + 1));
        return new RedisUrl(
                url.group("scheme").startsWith("rediss"),
                hosts(url.group("hosts"), sentinel),
                login == null ? null : decoded(login.substring(0, Math.max(0, login.indexOf(':')))),
                password == null ? null : new Secret(password),
                database(url.group("database")),
                primary(url.group("primary"), sentinel));
    }

    private static List<Host> hosts(String text, boolean sentinel) {
        List<Host> hosts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher host = HOST.matcher(part);
            if (!host.matches()) {
                throw new IllegalArgumentException(
                        "must name its host as host or host:port; a special character of the"
                                + " password wants percent-encoding, %2F for /");
            }
            int port = sentinel ? SENTINEL_PORT : REDIS_PORT;
            if (host.group("port") != null) {
                port = Integer.parseInt(host.group("port"));
            }
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("must have ports between 1 and 65535");
            }
            hosts.add(new Host(host.group("name").replaceAll("[\\[\\]]", ""), port));
        }
        if (hosts.size() > 1 && !sentinel) {
            throw new IllegalArgumentException(
                    "names several hosts, which only redis-sentinel:// and rediss-sentinel:// may");
        }
        return hosts;
    }

    private static int database(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return 0;
        }
        if (!text.matches("\\d{1,9}")) {
            throw new IllegalArgumentException("must have the number of a database after /");
        }
        return Integer.parseInt(text);
    }

    private static @Nullable String primary(@Nullable String text, boolean sentinel) {
        @Nullable String primary = text == null ? null : decoded(text);
        if (sentinel && primary == null) {
            throw new IllegalArgumentException(
                    "must end with # and the name of the primary that the Sentinels watch");
        }
        if (!sentinel && text != null) {
            throw new IllegalArgumentException(
                    "must have no #, which is for redis-sentinel:// and rediss-sentinel://");
        }
        return primary;
    }

    /// Without percent-encoding; null where there is nothing.
    private static @Nullable String decoded(String raw) {
        try {
            String text = URI.create("x://x/" + raw).getPath().substring(1);
            return text.isEmpty() ? null : text;
        } catch (IllegalArgumentException e) {
            // The cause would quote it.
            throw new IllegalArgumentException(
                    "holds a character that wants percent-encoding, such as %25 for %");
        }
    }
}
