package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.StartException;
import dev.sluice.common.config.ConfigLoader;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Logins, TLS and Sentinel on a real redis-server.
class RedisSecurityIT {
    @TempDir Path data;

    private EmbeddedRedis server;
    private Redis admin;

    @BeforeEach
    void start() {
        server = EmbeddedRedis.start(data.resolve("redis"), 0, new RedisBinary.Bundled());
        admin = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        admin.close();
        server.close();
    }

    @Test
    void anAclUserWithTheDocumentedRightsIsLetIn() throws Exception {
        command("ACL", "SETUSER", "sluice", "on", ">open sesame", "~sluice:*");
        command("ACL", "SETUSER", "sluice", "&*", "+@all", "-@dangerous", "+info");
        command("ACL", "SETUSER", "default", "off");

        try (var redis =
                connect(
                        "url: '%s/1', username: sluice, password: open sesame, client_name: gw"
                                .formatted(server.url()))) {
            assertThat(redis.reliable().toCompletableFuture().get(5, TimeUnit.SECONDS)).isTrue();
            redis.commands().set(redis.key("run", "1"), "v").get(5, TimeUnit.SECONDS);
            assertThat(redis.commands().clientGetname().get(5, TimeUnit.SECONDS)).isEqualTo("gw");
            assertThatThrownBy(() -> redis.commands().set("other", "v").get(5, TimeUnit.SECONDS))
                    .hasMessageContaining("NOPERM");
            assertThat(admin.commands().info("keyspace").get(5, TimeUnit.SECONDS))
                    .contains("db1:keys=1");
        }
    }

    @Test
    void aWrongLoginEndsTheStartAtOnceAndIsNotPrinted() throws Exception {
        command("CONFIG", "SET", "requirepass", "open sesame");
        long began = System.nanoTime();

        for (String login : new String[] {", password: hunter2", ""}) {
            assertThatThrownBy(() -> connect("url: '" + server.url() + "'" + login))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("refuses the login: check redis.username and")
                    .hasStackTraceContaining("127.0.0.1")
                    .hasMessageNotContaining("hunter2");
        }

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aUserWhoLacksARightIsSaidTo() throws Exception {
        command("ACL", "SETUSER", "sluice", "on", ">p", "~*", "+@all", "-time");

        assertThatThrownBy(() ->
                        connect("url: 'redis://sluice:p@127.0.0.1:%d'".formatted(server.port())))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("does not let its user do what it must: NOPERM")
                .hasMessageContaining("time");
    }

    @Test
    void tlsWithACertificateOfTheClientsOwn() throws Exception {
        Certificates certificates = Certificates.in(data);
        int port = tls(certificates, "yes");
        String tls =
                "ca_file: '%s', cert_file: '%s', key_file: '%s'"
                        .formatted(
                                certificates.certificate("ca"),
                                certificates.certificate("client"),
                                certificates.key("client"));

        try (var redis = connect(tls("127.0.0.1", port, tls))) {
            assertThat(redis.commands().ping().get(5, TimeUnit.SECONDS)).isEqualTo("PONG");
            assertThat(redis.reliable().toCompletableFuture().get(5, TimeUnit.SECONDS)).isTrue();
        }

        assertThatThrownBy(() ->
                        connect(
                                tls(
                                        "127.0.0.1",
                                        port,
                                        "ca_file: '" + certificates.certificate("ca") + "'")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("check redis.url and redis.tls");
    }

    @Test
    void theServersCertificateIsCheckedAsFarAsVerifySays() throws Exception {
        Certificates certificates = Certificates.in(data);
        int port = tls(certificates, "no");
        String ca = "ca_file: '" + certificates.certificate("ca") + "'";

        // Its certificate names 127.0.0.1 alone.
        assertThatThrownBy(() -> connect(tls("localhost", port, ca)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("Redis at localhost:" + port + " and TLS: ")
                .hasMessageContaining("localhost");
        connect(tls("localhost", port, ca + ", verify: ca")).close();
        assertThatThrownBy(() -> connect(tls("127.0.0.1", port, "verify: ca")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("certification path");
        connect(tls("localhost", port, "verify: none")).close();
    }

    @Test
    void sentinelsNameThePrimaryAndHaveALoginOfTheirOwn() throws Exception {
        command("CONFIG", "SET", "requirepass", "primary-secret");
        int port = freePort();
        Path folder = Files.createDirectories(data.resolve("sentinel"));
        Path settings =
                Files.writeString(
                        folder.resolve("sentinel.conf"),
                        """
                        port %d
                        bind 127.0.0.1
                        dir ./
                        requirepass sentinel-secret
                        sentinel monitor main 127.0.0.1 %d 1
                        sentinel auth-pass main primary-secret
                        """
                                .formatted(port, server.port()));
        Process sentinel =
                new ProcessBuilder(program().toString(), settings.toString(), "--sentinel")
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile())
                        .start();
        try {
            String url = "url: 'redis-sentinel://:primary-secret@127.0.0.1:" + port + "#main'";
            try (var redis = connect(url + ", sentinel: { password: sentinel-secret }")) {
                assertThat(redis.commands().info("server").get(5, TimeUnit.SECONDS))
                        .contains("tcp_port:" + server.port());
            }
            assertThatThrownBy(() -> connect(url + ", sentinel: { password: hunter2 }"))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("primary main of its Sentinels")
                    .hasMessageContaining("and redis.sentinel")
                    .hasMessageNotContaining("hunter2");
        } finally {
            sentinel.destroy();
            sentinel.waitFor();
        }
    }

    private static Redis connect(String redis) {
        String yaml = "redis: { " + redis + " }";
        return Redis.connect(
                ConfigLoader.parse(yaml, "sluice.yaml", Map.of()).redis(), Clock.systemUTC());
    }

    private static String tls(String host, int port, String settings) {
        return "url: 'rediss://%s:%d', tls: { %s }".formatted(host, port, settings);
    }

    /// Makes the server speak TLS on a port of its own.
    private int tls(Certificates certificates, String authClients) throws Exception {
        int port = freePort();
        command(
                "CONFIG",
                "SET",
                "tls-ca-cert-file",
                certificates.certificate("ca").toString(),
                "tls-cert-file",
                certificates.certificate("server").toString(),
                "tls-key-file",
                certificates.key("server").toString(),
                "tls-auth-clients",
                authClients,
                "tls-port",
                Integer.toString(port));
        return port;
    }

    private void command(String name, String... arguments) throws Exception {
        var args = new CommandArgs<>(StringCodec.UTF8);
        Stream.of(arguments).forEach(args::add);
        ProtocolKeyword keyword = () -> name.getBytes(StandardCharsets.US_ASCII);
        assertThat(
                        admin.commands()
                                .dispatch(keyword, new StatusOutput<>(StringCodec.UTF8), args)
                                .get(5, TimeUnit.SECONDS))
                .isEqualTo("OK");
    }

    /// The redis-server that was unpacked for this test.
    private Path program() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("redis").resolve("bin"))) {
            return files.findFirst().orElseThrow();
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
