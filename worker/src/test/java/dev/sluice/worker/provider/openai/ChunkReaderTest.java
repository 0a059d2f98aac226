package dev.sluice.worker.provider.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.openai.ChunkReader.Step;
import dev.sluice.worker.run.Model.Answer.Turn;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkReaderTest {
    private final Heard heard = new Heard();
    private final ChunkReader reader = new ChunkReader(Prompts.prompt(), heard);

    @Test
    void reasoningTextAndRefusalAreHandedOnAndKept() {
        Turn turn =
                turn(
                        delta("'role':'assistant','content':'','refusal':null"),
                        delta("'reasoning_content':'hm','reasoning':'twice'"),
                        delta("'reasoning':' so'"),
                        delta("'content':'He'"),
                        delta("'content':'llo'"),
                        delta("'refusal':'no'"));

        assertThat(heard.lines)
                .containsExactly(
                        "reasoning hm", "reasoning  so", "text He", "text llo", "refusal no");
        assertThat(turn.message().content())
                .containsExactly(
                        new ContentPart.Reasoning("hm so"),
                        new ContentPart.Text("Hello"),
                        new ContentPart.Refusal("no"));
        assertThat(turn.message().extra()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "stop, STOP",
        "length, LENGTH",
        "tool_calls, TOOL_CALLS",
        "function_call, TOOL_CALLS",
        "content_filter, CONTENT_FILTER",
        "eos, STOP"
    })
    void finishReasonsAreMapped(String given, FinishReason expected) {
        assertThat(turn(delta("'content':'x'"), finish(given)).finishReason()).isEqualTo(expected);
        assertThat(reader.finished()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "stop, TOOL_CALLS",
        "eos, TOOL_CALLS",
        "length, LENGTH",
        "content_filter, CONTENT_FILTER"
    })
    void toolCallsDecideTheFinishReason(String given, FinishReason expected) {
        Turn turn =
                turn(
                        delta("'tool_calls':[{'index':0,'id':'a','function':{'name':'f'}}]"),
                        finish(given));
        assertThat(turn.finishReason()).isEqualTo(expected);
    }

    @Test
    void theLastUsageCountsAndMissingDetailsAreNothing() {
        Turn turn =
                turn(
                        "{'choices':[],'usage':{'prompt_tokens':1,'completion_tokens':1}}",
                        "{'choices':[{'index':0,'delta':{}}],'usage':null}",
                        "{'choices':[],'usage':{'prompt_tokens':10,'completion_tokens':5,"
                                + "'prompt_tokens_details':{'cached_tokens':4},"
                                + "'completion_tokens_details':null}}");
        assertThat(turn.usage()).isEqualTo(new Usage(10, 5, 4, 0));
    }

    @Test
    void withoutUsageThereIsNone() {
        assertThat(turn(delta("'content':'x'")).usage()).isEqualTo(Usage.NONE);
    }

    @Test
    void theModelIsWhatTheProviderCallsIt() {
        assertThat(turn("{'model':'m-2026','choices':[]}").model()).isEqualTo("m-2026");
    }

    @Test
    void unknownFieldsAreHandedOnVerbatim() {
        turn(
                "{'id':'1','system_fingerprint':'fp','service_tier':null,'obfuscation':'xx','choices':["
                        + "{'index':0,'delta':{'content':'a','x':null},'logprobs':{'content':[1]}}]}",
                "{'id':'1','system_fingerprint':'fp','choices':[{'index':0,'delta':{},'logprobs':null}]}",
                "{'system_fingerprint':'fp2','choices':[{'index':0,'delta':{'reasoning':{'a':1}}}]}");
        assertThat(heard.lines)
                .containsExactly(
                        "text a",
                        "verbatim {system_fingerprint=\"fp\"} {logprobs={\"content\":[1]}} {}",
                        "verbatim {system_fingerprint=\"fp2\"} {} {reasoning={\"a\":1}}");
    }

    @Test
    void unknownFieldsOfTheDeltasAreMergedIntoTheMessage() {
        Turn turn =
                turn(
                        delta(
                                "'s':'a','l':[1],'o':{'s':'x','n':1},'n':1,'reasoning_details':[{'t':'p'}]"),
                        delta(
                                "'s':'b','l':[2],'o':{'s':'y','n':2},'n':2,'reasoning_details':[{'t':'q'}]"));
        assertThat(turn.message().extra())
                .isEqualTo(
                        Map.of(
                                "s", Prompts.json("\"ab\""),
                                "l", Prompts.json("[1,2]"),
                                "o", Prompts.json("{\"s\":\"xy\",\"n\":2}"),
                                "n", Prompts.json("2"),
                                "reasoning_details",
                                        Prompts.json("[{\"t\":\"p\"},{\"t\":\"q\"}]")));
    }

    @Test
    void mergingLeavesWhatWasHandedOnAsItWas() {
        turn(delta("'l':[1]"), delta("'l':[2]"));
        assertThat(heard.lines).containsExactly("verbatim {} {} {l=[1]}", "verbatim {} {} {l=[2]}");
    }

    @Test
    void anAnswerInOnePieceIsReadAsOneChunk() {
        Turn turn =
                turn(
                        "{'model':'x','choices':[{'index':0,'message':{'role':'assistant','content':'hi',"
                                + "'annotations':[],'tool_calls':[{'id':'c','function':{'name':'f','arguments':'{}'}},"
                                + "{'id':'c','function':{'name':'f','arguments':'{}'}}]},'finish_reason':'stop'}],"
                                + "'usage':{'prompt_tokens':3,'completion_tokens':2}}");
        assertThat(turn.message().text()).isEqualTo("hi");
        assertThat(turn.message().toolCalls())
                .containsExactly(call(1, "f", "{}", "c"), call(2, "f", "{}", "c"));
        assertThat(turn.usage()).isEqualTo(new Usage(3, 2, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'error':{'message':'x'}}",
                "{'error':'x'}",
                "{'object':'error','message':'x'}",
                "{'choices':[{'index':0,'delta':{},'finish_reason':'error'}]}"
            })
    void errorsWithinTheStreamAreSeen(String chunk) {
        assertThat(read(chunk)).isInstanceOf(Step.Fault.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "7", "{} x", "", "\"a\""})
    void whatIsNoObjectIsUnreadable(String chunk) {
        assertThat(read(chunk)).isEqualTo(new Step.Unreadable());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'error':null}",
                "{}",
                "{'choices':null}",
                "{'choices':{}}",
                "{'choices':[null]}",
                "{'choices':[{'delta':null}]}",
                "{'choices':[{'delta':{'content':7,'tool_calls':null,'refusal':{}}}],'usage':[]}",
                "{'choices':[{'delta':{'tool_calls':[{}]}}]}",
                "{'choices':[{'delta':{'tool_calls':[null,7,{'index':'0','function':7}]}}]}",
                "{'choices':[{'index':null,'delta':{'content':[{'type':'text','text':'x'},3]}}]}",
                "{'model':7,'usage':{'prompt_tokens':'x','completion_tokens':-1}}"
            })
    void oddShapesAreSurvived(String chunk) {
        assertThat(read(chunk)).isInstanceOfAny(Step.Part.class, Step.Blank.class);
        assertThat(reader.turn().model()).isEqualTo("m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[{'delta':{'content':'x'}}]}",
                "{'choices':[{'delta':{'reasoning_content':'x'}}]}",
                "{'choices':[{'delta':{'reasoning':'x'}}]}",
                "{'choices':[{'delta':{'reasoning_details':[{'type':'reasoning.encrypted'}]}}]}",
                "{'choices':[{'delta':{'refusal':'x'}}]}",
                "{'choices':[{'delta':{'tool_calls':[{'index':0,'id':'a'}]}}]}",
                "{'choices':[{'delta':{'tool_calls':[{'function':{'arguments':' '}}]}}]}",
                "{'choices':[{'delta':{'tool_calls':[{'extra_content':{'signature':'x'}}]}}]}",
                "{'choices':[{'delta':{},'finish_reason':'stop'}]}",
                "{'choices':[],'usage':{'prompt_tokens':7,'completion_tokens':1}}"
            })
    void whatTellsSomethingOfTheAnswerIsAPartOfIt(String chunk) {
        assertThat(reader.untouched()).isTrue();
        assertThat(read(chunk)).isEqualTo(new Step.Part());
        assertThat(reader.untouched()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[{'delta':{'role':'assistant','content':'','refusal':null}}]}",
                "{'choices':[{'delta':{'role':'assistant','reasoning':'','tool_calls':[]}}]}",
                "{'choices':[{'delta':{'tool_calls':[{'function':{'arguments':''}}]}}]}",
                "{'choices':[{'delta':{'content':null},'finish_reason':null}],'usage':null}",
                "{'choices':[],'usage':{'prompt_tokens':0,'completion_tokens':0}}",
                "{'choices':[]}",
                "{}"
            })
    void whatTellsNothingOfTheAnswerIsBlank(String chunk) {
        assertThat(read(chunk)).isEqualTo(new Step.Blank());
        assertThat(reader.untouched()).isTrue();
        assertThat(reader.turn().message().text()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[],'prompt_filter_results':[{'prompt_index':0}]}",
                "{'choices':[{'delta':{'annotations':[],'done':false,'name':''}}]}",
                "{'choices':[],'usage':{'prompt_tokens':7,'completion_tokens':0}}"
            })
    void whatIsOnlyHandedOnOrCountedIsBlankButNotToBeRepeated(String chunk) {
        assertThat(read(chunk)).isEqualTo(new Step.Blank());
        assertThat(reader.untouched()).isFalse();
    }

    @Test
    void aCountThatOnlyComesAgainIsBlank() {
        String count = "{'choices':[],'usage':{'prompt_tokens':7,'completion_tokens':1}}";
        assertThat(read(count)).isEqualTo(new Step.Part());
        assertThat(read(count)).isEqualTo(new Step.Blank());
    }

    @Test
    void otherChoicesThanTheFirstAreLeftOut() {
        Turn turn =
                turn(
                        "{'choices':[{'index':1,'delta':{'content':'no'}},{'index':0,'delta':{'content':'yes'}}]}");
        assertThat(turn.message().text()).isEqualTo("yes");
    }

    private Turn turn(String... chunks) {
        for (String chunk : chunks) {
            assertThat(read(chunk)).isInstanceOfAny(Step.Part.class, Step.Blank.class);
        }
        return reader.turn();
    }

    private Step read(String chunk) {
        byte[] bytes = ("~" + chunk.replace("\\'", "\\\"").replace('\'', '"')).getBytes(UTF_8);
        return reader.read(bytes, 1, bytes.length - 1);
    }

    private static String delta(String fields) {
        return "{'choices':[{'index':0,'delta':{" + fields + "},'finish_reason':null}]}";
    }

    private static String finish(String reason) {
        return "{'choices':[{'index':0,'delta':{},'finish_reason':'" + reason + "'}]}";
    }

    private static ToolCall call(int number, String name, String arguments, String providerId) {
        return new ToolCall("call-" + number, name, arguments, providerId, Map.of());
    }
}
