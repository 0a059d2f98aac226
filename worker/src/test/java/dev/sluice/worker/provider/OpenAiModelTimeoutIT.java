package dev.sluice.worker.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.ProviderConfig;
import dev.sluice.common.config.ProviderConfig.Timeouts;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.UpstreamTimedOut.Phase;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.RawUpstream.Script;
import dev.sluice.worker.run.Model.Answer.Failed;
import dev.sluice.worker.run.Model.Answer.Turn;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiModelTimeoutIT extends Asking {
    private static final Failure UNREACHABLE = new Failure.UpstreamUnreachable("p");
    private static final String ROLE =
            "{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}";

    @Test
    void eachPhaseHasItsTimeLimit() throws Exception {
        assertThat(late(timeouts(200, 9_000, 9_000), _ -> {})).isEqualTo(Phase.FIRST_TOKEN);
        assertThat(late(timeouts(200, 9_000, 9_000), RawUpstream.Wire::stream))
                .isEqualTo(Phase.FIRST_TOKEN);
        assertThat(late(timeouts(9_000, 200, 9_000), wire -> wire.stream(HELLO)))
                .isEqualTo(Phase.BETWEEN_TOKENS);
        Script drip =
                wire -> {
                    wire.stream();
                    long timer = vertx.setPeriodic(20, _ -> wire.events(HELLO));
                    var _ = wire.closed().thenRun(() -> vertx.cancelTimer(timer));
                };
        assertThat(late(timeouts(9_000, 9_000, 300), drip)).isEqualTo(Phase.TOTAL);
    }

    @Test
    void piecesInTimeKeepACallAlive() throws Exception {
        Script slow =
                wire -> {
                    wire.stream();
                    for (int i = 1; i <= 8; i++) {
                        vertx.setTimer(i * 100L, _ -> wire.events(HELLO));
                    }
                    vertx.setTimer(850, _ -> wire.events(STOP, "[DONE]").end());
                };
        try (RawUpstream upstream = new RawUpstream(vertx, slow);
                Providers providers =
                        providers(upstream, timeouts(5_000, 600, 9_000), Fixtures.NONE)) {
            assertThat(ask(providers)).isInstanceOf(Turn.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {": PROCESSING\n\n", "\n\n", "data: " + ROLE + "\n\n", "data:\n\n"})
    void whatOnlyKeepsAConnectionAliveIsNoToken(String sign) throws Exception {
        assertThat(late(timeouts(300, 9_000, 9_000), alive(sign))).isEqualTo(Phase.FIRST_TOKEN);
        assertThat(late(timeouts(9_000, 300, 9_000), alive(sign, HELLO)))
                .isEqualTo(Phase.BETWEEN_TOKENS);
    }

    @Test
    void commentsBetweenTokensDoNoHarm() throws Exception {
        Script slow =
                wire -> {
                    wire.stream();
                    for (int i = 1; i <= 16; i++) {
                        boolean token = i % 2 == 0;
                        vertx.setTimer(
                                i * 50L,
                                _ -> {
                                    if (token) {
                                        wire.events(HELLO);
                                    } else {
                                        wire.chunk(": PROCESSING\n\n");
                                    }
                                });
                    }
                    vertx.setTimer(850, _ -> wire.events(STOP, "[DONE]").end());
                };
        try (RawUpstream upstream = new RawUpstream(vertx, slow);
                Providers providers =
                        providers(upstream, timeouts(600, 600, 9_000), Fixtures.NONE)) {
            assertThat(((Turn) ask(providers)).message().text()).isEqualTo("Hello".repeat(8));
        }
    }

    @Test
    void aFirstTokenThatIsLateIsNotAskedForAgain() throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, alive(": PROCESSING\n\n"), ANSWER);
                Providers providers =
                        providers(upstream, timeouts(300, 9_000, 9_000), Fixtures.retries(3))) {
            assertThat(ask(providers))
                    .isEqualTo(
                            new Failed(
                                    new Failure.UpstreamTimedOut("p", Phase.FIRST_TOKEN),
                                    Usage.NONE));
            assertThat(retries()).isZero();
        }
    }

    @Test
    void theDeadlineOfTheRunIsNotTheProvidersFault() throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, wire -> wire.stream(HELLO));
                Providers providers = providers(upstream, Fixtures.PATIENT, Fixtures.retries(3))) {
            assertThat(ask(providers, Duration.ofMillis(300)))
                    .isEqualTo(new Failed(new Failure.DeadlineExceeded(), Usage.NONE));
            upstream.wire(0).closed().get(1, TimeUnit.SECONDS);
            assertThat(ask(providers, Duration.ZERO))
                    .isEqualTo(new Failed(new Failure.DeadlineExceeded(), Usage.NONE));
            assertThat(upstream.wires).hasSize(1);
        }
    }

    @Test
    void aConnectionThatIsNotAcceptedInTimeIsCalledLate() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // Once the backlog is full the system answers no further connection.
            for (int i = 0; i < 4; i++) {
                Socket socket = new Socket();
                crowd.add(socket);
                connectWithoutWaiting(socket, full);
            }
            Timeouts timeouts =
                    new Timeouts(
                            Duration.ofMillis(200),
                            Duration.ofSeconds(9),
                            Duration.ofSeconds(9),
                            Duration.ofSeconds(9));
            assertThat(unreached("http://127.0.0.1:" + full.getLocalPort() + "/v1", timeouts))
                    .isEqualTo(new Failure.UpstreamTimedOut("p", Phase.CONNECT));
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    @Test
    void aServerThatDoesNotShakeHandsInTimeIsCalledLate() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Timeouts timeouts =
                    new Timeouts(
                            Duration.ofMillis(300),
                            Duration.ofSeconds(9),
                            Duration.ofSeconds(9),
                            Duration.ofSeconds(9));
            assertThat(unreached("https://127.0.0.1:" + mute.getLocalPort() + "/v1", timeouts))
                    .isEqualTo(new Failure.UpstreamTimedOut("p", Phase.CONNECT));
        }
    }

    @Test
    void aClosedPortAnUnknownHostAndAServerWithoutTlsAreUnreachable() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        assertThat(unreached("http://127.0.0.1:" + closed + "/v1", Fixtures.PATIENT))
                .isEqualTo(UNREACHABLE);
        assertThat(unreached("http://nowhere.invalid/v1", Fixtures.PATIENT)).isEqualTo(UNREACHABLE);
        NetServer plain =
                vertx.createNetServer()
                        .connectHandler(socket -> socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
        int port = plain.listen(0, "127.0.0.1").await().actualPort();
        assertThat(unreached("https://127.0.0.1:" + port + "/v1", Fixtures.PATIENT))
                .isEqualTo(UNREACHABLE);
    }

    /// A stream of `events` that then gives the same sign of life again and again.
    private Script alive(String sign, String... events) {
        return wire -> {
            wire.stream(events);
            long timer = vertx.setPeriodic(20, _ -> wire.chunk(sign));
            var _ = wire.closed().thenRun(() -> vertx.cancelTimer(timer));
        };
    }

    private Phase late(Timeouts timeouts, Script script) throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, script);
                Providers providers = providers(upstream, timeouts, Fixtures.NONE)) {
            Failure failure = ((Failed) ask(providers)).failure();
            upstream.wire(0).closed().get(1, TimeUnit.SECONDS);
            return ((Failure.UpstreamTimedOut) failure).phase();
        }
    }

    private Failure unreached(String url, Timeouts timeouts) throws InterruptedException {
        ProviderConfig config = Fixtures.config(URI.create(url), timeouts, Fixtures.retries(2));
        double before = retries();
        try (Providers providers = new Providers(Map.of("p", config), vertx, meters)) {
            Failure failure = ((Failed) ask(providers)).failure();
            assertThat(retries()).isEqualTo(before + 1);
            return failure;
        }
    }

    private static Timeouts timeouts(long firstToken, long betweenTokens, long total) {
        return new Timeouts(
                Duration.ofSeconds(5),
                Duration.ofMillis(firstToken),
                Duration.ofMillis(betweenTokens),
                Duration.ofMillis(total));
    }

    private static void connectWithoutWaiting(Socket socket, ServerSocket server) {
        try {
            socket.connect(server.getLocalSocketAddress(), 100);
        } catch (IOException _) {
            // Full already.
        }
    }
}
