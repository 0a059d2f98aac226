package dev.sluice.worker.tool.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class RpcTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FakeWire wire = new FakeWire();
    private final Rpc rpc = new Rpc(wire, () -> {});

    @Test
    void answersFindTheirRequestsInAnyOrder() throws Exception {
        FutureTask<Reply> first = request("a", MINUTE);
        FutureTask<Reply> second = request("b", MINUTE);
        int a = wire.id("a");
        int b = wire.id("b");

        rpc.received(json("{'id':%d,'result':'for b'}".formatted(b)));
        rpc.received(json("[{'id':%d,'error':{'code':-1,'message':'for a'}}]".formatted(a)));

        assertThat(get(first)).isEqualTo(new Reply.Failed(-1, "for a"));
        assertThat(get(second)).isEqualTo(new Reply.Result(json("'for b'")));
        assertThat(wire.closed).isFalse();
    }

    @Test
    void aTimeoutIsCancelledAtTheServer() throws Exception {
        assertThat(get(request("a", Duration.ofMillis(20)))).isEqualTo(new Reply.TimedOut());

        assertThat(wire.sent("notifications/cancelled").path("params").path("requestId").asInt())
                .isEqualTo(wire.id("a"));
    }

    @Test
    void theHandshakeIsNeverCancelled() throws Exception {
        assertThat(get(request("initialize", Duration.ofMillis(20))))
                .isEqualTo(new Reply.TimedOut());

        assertThat(wire.messages).hasSize(1);
    }

    @Test
    void aLateAnswerIsNobodys() throws Exception {
        FutureTask<Reply> late = request("a", Duration.ofMillis(20));
        get(late);

        rpc.received(json("{'id':%d,'result':1}".formatted(wire.id("a"))));

        assertThat(rpc.usable()).isTrue();
    }

    @Test
    void theEndOfTheWireEndsWhatIsPending() throws Exception {
        FutureTask<Reply> pending = request("a", MINUTE);
        wire.id("a");

        rpc.ended("it died");

        assertThat(get(pending)).isEqualTo(new Reply.Lost("it died"));
        assertThat(rpc.usable()).isFalse();
        await().until(rpc::closed);
        assertThat(get(request("b", MINUTE))).isEqualTo(new Reply.Unsent("it died"));
    }

    @Test
    void aWornSessionFinishesWhatIsPendingAndTakesNothingNew() throws Exception {
        FutureTask<Reply> pending = request("a", MINUTE);
        int id = wire.id("a");

        rpc.worn("old");

        assertThat(get(request("b", MINUTE))).isEqualTo(new Reply.Unsent("old"));
        assertThat(wire.closed).isFalse();
        rpc.received(json("{'id':%d,'result':1}".formatted(id)));
        assertThat(get(pending)).isInstanceOf(Reply.Result.class);
        await().untilAsserted(() -> assertThat(wire.closed).isTrue());
    }

    @Test
    void aRequestThatCannotBeSentWearsTheSessionOut() throws Exception {
        wire.outcome = Optional.of(new Reply.Unsent("refused"));

        assertThat(get(request("a", MINUTE))).isEqualTo(new Reply.Unsent("refused"));
        assertThat(rpc.usable()).isFalse();
    }

    @Test
    void aDoubtIsSettledByAPing() throws Exception {
        rpc.doubted("silent");
        rpc.received(json("{'id':%d,'result':{}}".formatted(wire.id("ping"))));
        assertThat(rpc.usable()).isTrue();

        wire.outcome = Optional.of(new Reply.Lost("gone"));
        rpc.doubted("silent");
        await().untilAsserted(() -> assertThat(rpc.usable()).isFalse());
    }

    @Test
    void anInterruptIsCancelledAtTheServer() {
        FutureTask<Reply> call =
                new FutureTask<>(
                        () -> rpc.request("a", JsonMapper.shared().createObjectNode(), MINUTE));
        Thread caller = Thread.ofVirtual().start(call);
        wire.id("a");

        caller.interrupt();

        assertThatThrownBy(() -> get(call)).hasCauseInstanceOf(InterruptedException.class);
        assertThat(wire.sent("notifications/cancelled").path("params").path("requestId").asInt())
                .isEqualTo(wire.id("a"));
    }

    private FutureTask<Reply> request(String method, Duration timeout) {
        FutureTask<Reply> request =
                new FutureTask<>(
                        () -> rpc.request(method, JsonMapper.shared().createObjectNode(), timeout));
        Thread.ofVirtual().start(request);
        return request;
    }

    private static Reply get(FutureTask<Reply> request) throws Exception {
        return request.get(5, TimeUnit.SECONDS);
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text.replace('\'', '"'));
    }

    private static final class FakeWire implements Wire {
        private final Queue<ObjectNode> messages = new ConcurrentLinkedQueue<>();
        private volatile Optional<Reply.Unanswered> outcome = Optional.empty();
        private volatile boolean closed;

        /// The id of the first request of this method, once it is sent.
        int id(String method) {
            return sent(method).path("id").asInt();
        }

        ObjectNode sent(String method) {
            return await().until(
                            () ->
                                    messages.stream()
                                            .filter(m -> m.path("method").asString().equals(method))
                                            .findFirst(),
                            Optional::isPresent)
                    .orElseThrow();
        }

        @Override
        public void open(Listener listener, Duration timeout) {}

        @Override
        public List<String> versions() {
            return Protocol.VERSIONS;
        }

        @Override
        public void ready(String version) {}

        @Override
        public CompletableFuture<Optional<Reply.Unanswered>> send(ObjectNode message) {
            messages.add(message);
            return CompletableFuture.completedFuture(outcome);
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
