package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.sluice.embedded.mcp.ToolInvocation;
import dev.sluice.embedded.model.Received;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.RawClient;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// A client that goes away costs nothing more, within a second.
@WithSluice
class CancelIT {

    private static final Duration A_SECOND = Duration.ofSeconds(1);
    private static final String STORY =
            """
            pace: { tokens_per_second: 20 }
            fallback: { text: once upon a time, repeat: 1000 }
            """;

    private final Sluice sluice;

    CancelIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void aStreamThatTheClientClosesIsCancelledUpstream() {
        sluice.script(STORY);
        Instant closed;
        try (StreamResponse<ChatCompletionChunk> chunks =
                sluice.client()
                        .chat()
                        .completions()
                        .createStreaming(
                                ChatCompletionCreateParams.builder()
                                        .model("plain")
                                        .addUserMessage("a story")
                                        .build())) {
            assertThat(chunks.stream().limit(5)).hasSize(5);
            closed = Instant.now();
        }
        assertModelSeesTheCloseAfter(closed);
    }

    @Test
    void aConnectionThatBreaksInTheMiddleOfAStreamIsCancelledUpstream() throws IOException {
        sluice.script(STORY);
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.ask(Gateway.body("plain", "a story", "\"stream\":true"));
            client.readUntil(text -> text.contains("upon"));
            Instant closed = Instant.now();
            client.reset();
            assertModelSeesTheCloseAfter(closed);
        }
    }

    @Test
    void aConnectionThatClosesBeforeTheFirstTokenIsCancelledUpstream() throws IOException {
        sluice.script("fallback: { text: never, hang_after: 0 }");
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.ask(Gateway.body("plain", "a story", "\"stream\":true"));
            sluice.awaitAsked(_ -> true);
            Instant closed = Instant.now();
            client.hangUp();
            assertModelSeesTheCloseAfter(closed);
        }
    }

    @Test
    void aRequestThatDoesNotStreamIsCancelledUpstreamWhenItsConnectionCloses() {
        sluice.script(STORY);
        var answer =
                sluice.gateway()
                        .http()
                        .sendAsync(
                                sluice.gateway().chat(Gateway.body("plain", "a story")).build(),
                                HttpResponse.BodyHandlers.ofString());
        sluice.awaitAsked(request -> request.chunks() > 3);
        Instant closed = Instant.now();
        answer.cancel(true);
        assertModelSeesTheCloseAfter(closed);
    }

    @Test
    void aToolThatIsWaitedForIsCancelled() throws IOException {
        sluice.script(
                "fallback: { tool_calls: [ { name: demo__wait, arguments: { seconds: 60 } } ] }");
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.ask(Gateway.body("clock", "wait"));
            await().until(() -> !sluice.toolCalls().isEmpty());
            Instant closed = Instant.now();
            client.hangUp();
            await().until(() -> sluice.toolCalls().getFirst().ended() != null);
            ToolInvocation call = sluice.toolCalls().getFirst();
            assertThat(call.outcome()).isEqualTo(ToolInvocation.Outcome.CANCELLED);
            assertThat(Duration.between(closed, call.ended())).isLessThanOrEqualTo(A_SECOND);
        }
        sluice.asked(1);
    }

    @Test
    void aRunThatIsCancelledIsCountedAsSuch() throws IOException {
        double before = sluice.worker().metric("sluice_runs_seconds_count{outcome=\"cancelled\"}");
        sluice.script(STORY);
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.ask(Gateway.body("plain", "a story", "\"stream\":true"));
            client.readUntil(text -> text.contains("upon"));
        }
        await().untilAsserted(() ->
                assertThat(
                                sluice.worker()
                                        .metric("sluice_runs_seconds_count{outcome=\"cancelled\"}"))
                        .isEqualTo(before + 1));
    }

    private void assertModelSeesTheCloseAfter(Instant closed) {
        Received gone = sluice.awaitAsked(request -> request.end() == Received.End.CLIENT_GONE);
        assertThat(Duration.between(closed, Objects.requireNonNull(gone.ended())))
                .isLessThanOrEqualTo(A_SECOND);
        sluice.asked(1);
    }
}
