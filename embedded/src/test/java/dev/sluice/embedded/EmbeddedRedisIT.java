package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisIT {

    private static final RedisBinary BUNDLED = new RedisBinary.Bundled();

    @TempDir Path data;

    @Test
    void aRestartFindsTheDataAgain() throws Exception {
        try (var redis = EmbeddedRedis.start(data, 0, BUNDLED)) {
            assertThat(RedisCommands.send(redis.port(), "SET k kept")).isEqualTo("+OK");
        }
        try (var redis = EmbeddedRedis.start(data, 0, BUNDLED)) {
            assertThat(RedisCommands.send(redis.port(), "STRLEN k")).isEqualTo(":4");
        }
    }

    @Test
    void aKilledServerStartsAgainOnItsOwnPort() throws Exception {
        var first = EmbeddedRedis.start(data, 0, BUNDLED);
        RedisCommands.send(first.port(), "SET k v");
        first.kill();
        first.close();
        assertThat(ProcessHandle.of(first.pid())).isEmpty();
        try (var second = EmbeddedRedis.start(data, first.port(), BUNDLED)) {
            assertThat(second.url()).isEqualTo(first.url());
            assertThat(RedisCommands.send(second.port(), "STRLEN k")).isEqualTo(":1");
        }
    }

    @Test
    void nothingIsLeftAfterClose() {
        var redis = EmbeddedRedis.start(data, 0, BUNDLED);
        List<ProcessHandle> family = ProcessHandle.current().descendants().toList();
        assertThat(family).anyMatch(process -> process.pid() == redis.pid());
        redis.close();
        redis.close();
        assertThat(ProcessHandle.of(redis.pid())).isEmpty();
    }

    @Test
    void itNeverEvicts() throws Exception {
        try (var redis = EmbeddedRedis.start(data, 0, BUNDLED)) {
            assertThat(RedisCommands.lines(redis.port(), "CONFIG GET maxmemory-policy", 5))
                    .last()
                    .isEqualTo("noeviction");
        }
    }

    @Test
    void ctrlCInTheTerminalDoesNotReachIt() throws Exception {
        try (var redis = EmbeddedRedis.start(data, 0, BUNDLED)) {
            assertThat(processGroup(redis.pid()))
                    .isNotEqualTo(processGroup(ProcessHandle.current().pid()));
        }
    }

    @Test
    void aFreePortThatAnotherTakesIsReplaced() throws Exception {
        int free = unusedPort();
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            PrimitiveIterator.OfInt ports = IntStream.of(other.getLocalPort(), free).iterator();
            try (var redis = EmbeddedRedis.start(data, 0, BUNDLED, ports::nextInt)) {
                assertThat(redis.port()).isEqualTo(free);
            }
        }
    }

    @Test
    void anotherServerOnThePortIsNotTakenForOurs(@TempDir Path otherData) {
        try (var other = EmbeddedRedis.start(otherData, 0, BUNDLED)) {
            assertThatThrownBy(() -> EmbeddedRedis.start(data, other.port(), BUNDLED))
                    .isInstanceOf(EmbeddedStartException.class)
                    .hasMessageContaining("127.0.0.1:" + other.port())
                    .hasMessageContaining("Address already in use");
        }
        DataFolder.lock(data).close();
    }

    @Test
    void aFolderInUseIsRefusedByName() {
        try (var _ = EmbeddedRedis.start(data, 0, BUNDLED)) {
            assertThatThrownBy(() -> EmbeddedRedis.start(data, 0, BUNDLED))
                    .isInstanceOf(EmbeddedStartException.class)
                    .hasMessageContaining(data.toString())
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void aProgramThatFailsIsReportedWithWhatItPrinted() {
        var noRedis = new RedisBinary.Installed(Path.of("/no/such/redis-server"));
        assertThatThrownBy(() -> EmbeddedRedis.start(data, 0, noRedis))
                .isInstanceOf(EmbeddedStartException.class)
                .hasMessageContaining("/no/such/redis-server did not start")
                .hasMessageContaining("not found");
    }

    private static int unusedPort() throws IOException {
        try (var unused = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return unused.getLocalPort();
        }
    }

    private static String processGroup(long pid) throws Exception {
        Process ps = new ProcessBuilder("ps", "-o", "pgid=", "-p", Long.toString(pid)).start();
        return new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    }
}
