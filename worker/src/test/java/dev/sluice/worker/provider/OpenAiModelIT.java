package dev.sluice.worker.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.TraceContext;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.RawUpstream.Script;
import dev.sluice.worker.provider.RawUpstream.Wire;
import dev.sluice.worker.provider.openai.Prompts;
import dev.sluice.worker.run.Journal;
import dev.sluice.worker.run.Model.Answer;
import dev.sluice.worker.run.Model.Answer.Turn;
import dev.sluice.worker.run.Model.Prompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OpenAiModelIT extends Asking {
    @Test
    void anAnswerIsStreamedAndCompleted() throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, ANSWER);
                Providers providers = providers(upstream)) {
            Prompt prompt = Prompts.prompt();
            TraceContext trace =
                    TraceContext.of(
                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=b");
            Prompt traced =
                    new Prompt(
                            prompt.model(),
                            prompt.messages(),
                            prompt.tools(),
                            prompt.parameters(),
                            prompt.callIds(),
                            prompt.timeLeft(),
                            trace);

            Answer answer = providers.model("p").generate(traced, heard);

            assertThat(answer)
                    .isEqualTo(
                            new Turn(
                                    Message.text(Message.Role.ASSISTANT, "Hello"),
                                    FinishReason.STOP,
                                    new Usage(7, 3, 0, 0),
                                    "m"));
            assertThat(heard.lines).containsExactly("text Hello");
            RawUpstream.Received request = upstream.wire(0).request();
            assertThat(request.head()).startsWith("POST /v1/chat/completions HTTP/1.1\r\n");
            assertThat(
                            List.of(
                                    "authorization: bearer sk-secret",
                                    "x-tenant: tenant-42",
                                    "user-agent: sluice",
                                    "accept: text/event-stream",
                                    "content-type: application/json",
                                    "traceparent: "
                                            + "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                    "tracestate: a=b"))
                    .allMatch(request::hasHeader);
            assertThat(Prompts.json(request.body()).path("stream").booleanValue()).isTrue();
            assertThat(counter("sluice.tokens", "kind", "input")).isEqualTo(7);
            assertThat(counter("sluice.tokens", "kind", "output")).isEqualTo(3);
            assertThat(calls("ok")).isEqualTo(1);
            assertThat(meters.get("sluice.upstream.first.token").timer().count()).isEqualTo(1);
        }
    }

    @Test
    void eachPieceIsHandedOnAsItComes() throws Exception {
        AtomicReference<Wire> held = new AtomicReference<>();
        Script script =
                wire -> {
                    held.set(wire);
                    wire.stream(HELLO);
                };
        heard.onText(() -> held.get().events(STOP).end());
        try (RawUpstream upstream = new RawUpstream(vertx, script);
                Providers providers = providers(upstream)) {
            assertThat(ask(providers)).isInstanceOf(Turn.class);
        }
    }

    @Test
    void whatHasComeIsFlushedWhenNothingFollowsForTheMoment() throws Exception {
        AtomicReference<Wire> held = new AtomicReference<>();
        AtomicInteger flushed = new AtomicInteger();
        Script script =
                wire -> {
                    held.set(wire);
                    wire.stream(HELLO);
                };
        // The upstream says nothing more until all that it said has been flushed.
        heard.onFlush(() -> {
            int told = heard.lines.size();
            if (told > flushed.getAndSet(told)) {
                if (told < 5) {
                    held.get().events(HELLO);
                } else {
                    held.get().events(STOP).end();
                }
            }
        });
        try (RawUpstream upstream = new RawUpstream(vertx, script);
                Providers providers = providers(upstream)) {
            assertThat(ask(providers)).isInstanceOf(Turn.class);
        }
    }

    @Test
    void aConnectionIsUsedAgainAfterACompleteAnswerAndAfterAnError() throws Exception {
        Script late =
                wire -> {
                    wire.stream(HELLO, STOP, "[DONE]");
                    vertx.setTimer(50, _ -> wire.end());
                };
        Script error = wire -> wire.whole(401, "", "{}");
        try (RawUpstream upstream = new RawUpstream(vertx, late, error, ANSWER);
                Providers providers = providers(upstream)) {
            ask(providers);
            // The end of the first answer must have come before its connection is free again.
            await().pollDelay(Duration.ofMillis(200)).until(() -> true);
            ask(providers);
            assertThat(ask(providers)).isInstanceOf(Turn.class);

            assertThat(upstream.wires).hasSize(3);
            assertThat(upstream.connections).hasSize(1);
        }
    }

    @Test
    void anAnswerThatIsSaidToBeDoneButDoesNotEndIsReset() throws Exception {
        try (RawUpstream upstream =
                        new RawUpstream(vertx, wire -> wire.stream(HELLO, STOP, "[DONE]"));
                Providers providers = providers(upstream)) {
            assertThat(ask(providers)).isInstanceOf(Turn.class);
            upstream.wire(0).closed().get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void idsThatAProviderUsesAgainStayApart() throws Exception {
        Script call =
                wire ->
                        wire.stream(
                                        "{'choices':[{'index':0,'delta':{'tool_calls':[{'index':0,"
                                                + "'id':'call_0','function':{'name':'f','arguments':'{}'}}]},"
                                                + "'finish_reason':'tool_calls'}]}",
                                        "[DONE]")
                                .end();
        try (RawUpstream upstream = new RawUpstream(vertx, call);
                Providers providers = providers(upstream)) {
            List<Message> conversation = new ArrayList<>();
            conversation.add(Message.text(Message.Role.USER, "Hi"));
            List<String> unique = new ArrayList<>();
            Prompt ids = Prompts.prompt();
            for (int turn = 0; turn < 3; turn++) {
                Prompt prompt =
                        new Prompt(
                                "m",
                                conversation,
                                List.of(),
                                Map.of(),
                                ids.callIds(),
                                Duration.ofMinutes(1),
                                null);
                Turn answer = (Turn) providers.model("p").generate(prompt, heard);
                ToolCall made = answer.message().toolCalls().getFirst();
                assertThat(made.providerId()).isEqualTo("call_0");
                unique.add(made.id());
                conversation.add(answer.message());
                conversation.add(Message.results(List.of(ToolResult.text(made.id(), "ok", false))));
            }

            assertThat(unique).containsExactly("call-1", "call-2", "call-3");
            assertThat(upstream.wire(1).request().body()).contains("\"tool_call_id\":\"call_0\"");
            assertThat(upstream.wire(2).request().body())
                    .doesNotContain("call_0")
                    .contains("\"tool_call_id\":\"call-1\"", "\"tool_call_id\":\"call-2\"");
        }
    }

    @Test
    void aModelTakesAPrefillWhereItsProviderDoes() throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, ANSWER);
                Providers takes = providers(Fixtures.prefilled(upstream.baseUrl()));
                Providers refuses = providers(upstream)) {
            assertThat(refuses.model("p").takesPrefill()).isFalse();
            assertThat(takes.model("p").takesPrefill()).isTrue();
            Prompt prompt =
                    Prompts.prompt(
                            List.of(
                                    Message.text(Message.Role.USER, "Hi"),
                                    Message.text(Message.Role.ASSISTANT, "Why, ")),
                            List.of(),
                            Map.of());

            assertThat(takes.model("p").generate(prompt, heard)).isInstanceOf(Turn.class);

            assertThat(Prompts.json(upstream.wire(0).request().body()).path("messages").toString())
                    .isEqualTo(
                            "[{\"role\":\"user\",\"content\":\"Hi\"},"
                                    + "{\"role\":\"assistant\",\"content\":\"Why, \"}]");
        }
    }

    @Test
    void aJournalThatTakesNothingMoreEndsTheCall() throws Exception {
        heard.onText(() -> {
            throw new Journal.LostException(new IllegalStateException("given up"));
        });
        try (RawUpstream upstream = new RawUpstream(vertx, wire -> wire.stream(HELLO));
                Providers providers = providers(upstream)) {
            assertThat(ask(providers)).isInstanceOf(Answer.Failed.class);

            upstream.wire(0).closed().get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void aProviderThatIsNotConfiguredIsRefused() {
        try (Providers providers = new Providers(Map.of(), vertx, meters)) {
            assertThatThrownBy(() -> providers.model("x"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private double counter(String name, String tag, String value) {
        return meters.get(name).tag(tag, value).counter().count();
    }
}
