package dev.sluice.gateway.dialect.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.journal.History;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.redis.RunEntry.Status;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

final class RunJsonTest {
    private static final RunEvent END =
            new RunEvent.RunCompleted(FinishReason.STOP, Samples.USAGE.plus(Samples.USAGE));

    private static History history(@Nullable RunEvent end, RunEvent... steps) {
        List<Reply> replies = new ArrayList<>();
        for (RunEvent step : steps) {
            replies.add(Samples.reply(replies.size() + 1, step));
        }
        return new History(
                replies,
                List.of(),
                List.of(),
                new AttemptRule(),
                end == null ? null : new History.End(Samples.reply(replies.size() + 1, end), 99));
    }

    private static RunEntry ended(Status status) {
        return Samples.entry(new State.Ended(status, 99, Samples.AT.plusSeconds(9)), false);
    }

    @Test
    void aRunThatCompletedShowsItsStepsAndWhatItsClientWasTold() {
        assertThat(
                        RunJson.of(
                                ended(Status.COMPLETED),
                                history(END, Samples.ASKING, Samples.TOLD, Samples.ANSWERING)))
                .hasToString(
                        """
                        {"id":"run_0199e0000000deadbeefdeadbeefdead","object":"run",\
                        "status":"completed","agent":"demo","created_at":1790000000,\
                        "ended_at":1790000009,"deadline":1790000600,"attempt":2,\
                        "worker":"worker-1","priority":"batch","background":true,"on_disconnect":"continue",\
                        "metadata":{"ticket":"42"},\
                        "usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30,\
                        "prompt_tokens_details":{"cached_tokens":6,"audio_tokens":0},\
                        "completion_tokens_details":{"reasoning_tokens":4,"audio_tokens":0,\
                        "accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},\
                        "steps":[\
                        {"type":"turn","turn":1,"model":"gpt","finish_reason":"tool_calls",\
                        "usage":USAGE,"tool_calls":[{"id":"call_ours","name":"demo__clock",\
                        "arguments":"{}"}]},\
                        {"type":"tool","turn":1,"call_id":"call_ours","tool":"demo__clock",\
                        "error":false,"duration_ms":42},\
                        {"type":"turn","turn":2,"model":"gpt","finish_reason":"stop",\
                        "usage":USAGE,"tool_calls":[]}],\
                        "result":{"finish_reason":"stop","message":{"role":"assistant",\
                        "content":"Let me see.\\n\\nNoon.","refusal":null}},"error":null}\
                        """
                                .replace(
                                        "USAGE",
                                        dev.sluice.gateway.dialect.chat.ChatJson.usage(
                                                        Samples.USAGE)
                                                .toString()));
    }

    @Test
    void theResultNamesTheCallsOfTheClientsToolsAlone() {
        RunEvent both =
                new RunEvent.TurnCompleted(
                        1,
                        new Message(
                                Message.Role.ASSISTANT,
                                List.of(
                                        Samples.call("call_ours", "demo__clock"),
                                        Samples.call("call_yours", "weather"))),
                        FinishReason.TOOL_CALLS,
                        Samples.USAGE,
                        "gpt");
        RunEvent end = new RunEvent.RunCompleted(FinishReason.TOOL_CALLS, Samples.USAGE);

        ObjectNode run = RunJson.of(ended(Status.COMPLETED), history(end, both, Samples.TOLD));

        assertThat(run.at("/result"))
                .hasToString(
                        """
                        {"finish_reason":"tool_calls","message":{"role":"assistant",\
                        "content":null,"refusal":null,"tool_calls":[{"id":"call_yours",\
                        "type":"function","function":{"name":"weather","arguments":"{}"}}]}}\
                        """);
        assertThat(run.at("/steps/0/tool_calls")).hasSize(2);
    }

    @Test
    void aRunUnderWayShowsHowFarItHasCome() {
        ObjectNode run =
                RunJson.of(
                        Samples.entry(new State.Claimed(), false), history(null, Samples.ASKING));

        assertThat(run.at("/status").asString()).isEqualTo("running");
        assertThat(run.at("/usage/total_tokens").asInt()).isEqualTo(15);
        assertThat(run.at("/steps")).hasSize(1);
        assertThat(run.at("/ended_at").isNull()).isTrue();
        assertThat(run.at("/result").isNull()).isTrue();
        assertThat(run.at("/error").isNull()).isTrue();
    }

    @Test
    void aRunThatWasJustMadeKnownHasNothingYet() {
        ObjectNode run = RunJson.of(Samples.entry(new State.Queued(), false));

        assertThat(run.at("/status").asString()).isEqualTo("queued");
        assertThat(run.at("/attempt").asInt()).isZero();
        assertThat(run.at("/worker").isNull()).isTrue();
        assertThat(run.at("/usage").isNull()).isTrue();
        assertThat(run.at("/steps")).isEmpty();
    }

    @Test
    void aRunThatFailedSaysWhyInOpenAisShape() {
        RunEvent end = new RunEvent.RunFailed(new Failure.UpstreamCut("p"), Samples.USAGE);

        ObjectNode run = RunJson.of(ended(Status.FAILED), history(end));

        assertThat(run.at("/error").propertyNames())
                .containsExactly("message", "type", "param", "code");
        assertThat(run.at("/error/code").asString()).isEqualTo("upstream_cut");
        assertThat(run.at("/result").isNull()).isTrue();
    }

    @Test
    void theJournalKnowsOfAnEndFirst() {
        RunEntry claimed = Samples.entry(new State.Claimed(), false);

        assertThat(RunStatus.of(claimed, history(END))).isEqualTo(RunStatus.COMPLETED);
        assertThat(
                        RunStatus.of(
                                claimed,
                                history(
                                        new RunEvent.RunFailed(
                                                new Failure.DeadlineExceeded(), Samples.USAGE))))
                .isEqualTo(RunStatus.EXPIRED);
        assertThat(RunStatus.of(claimed, history(new RunEvent.RunCancelled(Samples.USAGE))))
                .isEqualTo(RunStatus.CANCELLED);
        assertThat(RunStatus.of(claimed, history(null))).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void aRunThatIsCancelledBeforeAnyWorkerHasItIsCancelled() {
        assertThat(RunStatus.of(Samples.entry(new State.Queued(), true), null))
                .isEqualTo(RunStatus.CANCELLED);
        assertThat(RunStatus.of(Samples.entry(new State.Claimed(), true), null))
                .isEqualTo(RunStatus.RUNNING);
    }

    @ParameterizedTest
    @EnumSource
    void aStatusIsKnownByItsName(RunStatus status) {
        assertThat(RunStatus.named(status.wireName())).contains(status);
        assertThat(RunStatus.names()).contains("'" + status.wireName() + "'");
    }

    @EnumSource
    @ParameterizedTest
    void everyEndHasAStatus(Status status) {
        assertThat(RunStatus.of(ended(status), null).name()).isEqualTo(status.name());
    }

    @Test
    void aListLeavesOutWhatOnlyTheJournalKnows() {
        ObjectNode list = RunJson.list(List.of(ended(Status.COMPLETED)), Samples.RUN.value(), true);

        assertThat(list.at("/object").asString()).isEqualTo("list");
        assertThat(list.at("/first_id").asString()).isEqualTo(Samples.RUN.value());
        assertThat(list.at("/last_id").asString()).isEqualTo(Samples.RUN.value());
        assertThat(list.at("/has_more").asBoolean()).isTrue();
        assertThat(list.at("/data/0").propertyNames())
                .contains("id", "status", "metadata")
                .doesNotContain("steps", "result", "usage", "error");
        assertThat(RunJson.list(List.of(), null, false))
                .hasToString(
                        "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,\"has_more\":false}");
    }

    @Test
    void aRunSaysWhichJobAskedForIt() {
        RunEntry plain = ended(Status.COMPLETED);
        assertThat(RunJson.of(plain, history(END)).has("job")).isFalse();

        RunEntry run =
                new RunEntry(
                        plain.run(),
                        plain.state(),
                        plain.attempt(),
                        plain.lease(),
                        plain.cancelled(),
                        plain.partition(),
                        plain.from(),
                        plain.steps(),
                        plain.lane(),
                        plain.offer(),
                        plain.agent(),
                        plain.key(),
                        plain.background(),
                        plain.onDisconnect(),
                        plain.metadata(),
                        plain.accepted(),
                        plain.deadline(),
                        new JobOrigin("j-1", "/shop", "shop.answers", 3, "c", true));

        assertThat(RunJson.of(run, history(END)).get("job"))
                .hasToString("{\"id\":\"j-1\",\"source\":\"/shop\"}");
    }
}
