package dev.sluice.standalone.top;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.common.StartException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class TopTest {
    private static final String FLEET = "{\"slots\":{\"total\":4,\"used\":1}}";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private HttpServer gateway;
    private volatile int status = 200;
    private volatile String body = FLEET;

    @BeforeEach
    void start() throws IOException {
        gateway =
                HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        gateway.createContext(
                "/admin/queue",
                exchange -> {
                    keys.add(
                            String.valueOf(exchange.getRequestHeaders().getFirst("authorization")));
                    byte[] bytes = body.getBytes(UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        gateway.start();
    }

    @AfterEach
    void stop() {
        gateway.stop(0);
    }

    private Top top(@Nullable String key, boolean once, boolean json, boolean terminal) {
        URI url = URI.create("http://127.0.0.1:" + gateway.getAddress().getPort());
        return new Top(
                new Top.Plan(url, key, once, json, terminal),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                Clock.systemUTC());
    }

    private static List<String> lines(ByteArrayOutputStream printed) {
        return printed.toString(UTF_8).lines().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sk-1", " sk-1\n"})
    void aKeyIsPresentedWithoutTheSpaceAroundIt(String key) throws Exception {
        top(key, true, false, false).run();

        assertThat(keys).containsExactly("Bearer sk-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void aBlankKeyIsNone(String key) throws Exception {
        top(key, true, false, false).run();

        assertThat(keys).containsExactly("null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sk-secret\nx", "sk-secret x", "sk-secret\u00e9"})
    void aKeyThatCanBeNoneIsRefusedAndNotQuoted(String key) {
        assertThatThrownBy(() -> top(key, true, false, false).run())
                .isInstanceOf(StartException.class)
                .hasMessage("the key holds characters that no key has")
                .hasNoCause();
        assertThat(keys).isEmpty();
    }

    @Test
    void whoeverIsNotKnownIsToldWhy() {
        status = 401;

        assertThatThrownBy(() -> top(null, true, false, false).run())
                .isInstanceOf(StartException.class)
                .hasMessageEndingWith("/admin/queue needs a key: --key");
        assertThatThrownBy(() -> top("sk-1", true, false, false).run())
                .isInstanceOf(StartException.class)
                .hasMessageEndingWith("/admin/queue does not know the key, or it has expired");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"null", "[]", "{", "{\"lanes\":{\"batch\":null}}", "{\"workers\":[null]}"})
    void whatIsNoFleetIsCalledSo(String answered) {
        body = answered;

        assertThatThrownBy(() -> top(null, true, false, false).run())
                .isInstanceOf(StartException.class)
                .hasMessageEndingWith("answers with what is not a fleet");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void wherePipesReadIsNothingButTheFleetAndEachComplaintIsMadeOnce(boolean json)
            throws Exception {
        status = 503;
        Thread showing = Thread.ofVirtual().start(() -> show(top(null, false, json, false)));
        await().until(() -> keys.size() >= 2);
        status = 200;
        await().until(() -> lines(out).size() >= 1);
        showing.interrupt();
        showing.join();

        assertThat(lines(err))
                .singleElement()
                .asString()
                .endsWith("/admin/queue answers with status 503; trying again");
        assertThat(lines(out)).allSatisfy(line -> assertThat(line).contains("4"));
    }

    @Test
    void aTerminalIsLeftAsItWas() throws Exception {
        Thread showing = Thread.ofVirtual().start(() -> show(top(null, false, false, true)));
        await().until(() -> out.toString(UTF_8).contains("slots: 1 of 4 used"));
        showing.interrupt();
        showing.join();

        assertThat(out.toString(UTF_8))
                .startsWith("\u001b[?1049h\u001b[?25l")
                .endsWith("\u001b[?25h\u001b[?1049l");
        assertThat(err.size()).isZero();
    }

    private static void show(Top top) {
        try {
            top.run();
        } catch (InterruptedException _) {
            // The show is over.
        }
    }
}
