package dev.sluice.worker.provider.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.worker.provider.openai.ChunkReader.Step;
import dev.sluice.worker.run.Model.Answer.Turn;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallPiecesTest {
    private final Heard heard = new Heard();
    private final ChunkReader reader = new ChunkReader(Prompts.prompt(), heard);

    @Test
    void piecesOfParallelCallsAreToldApartByTheirIndex() {
        Turn turn =
                turn(
                        calls(
                                "{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':''}}"),
                        calls("{'index':1,'id':'b','function':{'name':'g','arguments':'{'}}"),
                        calls(
                                "{'index':0,'function':{'arguments':'{}'}},{'index':1,'function':{'arguments':'}'}}"));
        assertThat(turn.message().toolCalls())
                .containsExactly(call(1, "f", "{}", "a"), call(2, "g", "{}", "b"));
        assertThat(heard.lines)
                .containsExactly(
                        "call call-1 f", "call call-2 g {", "call call-1 f {}", "call call-2 g }");
    }

    @Test
    void aNewIdAndNameAtTheSameIndexBeginTheNextCall() {
        Turn turn =
                turn(
                        calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}"),
                        calls("{'index':0,'id':'b','function':{'name':'f','arguments':'{}'}}"),
                        calls("{'index':0,'id':'b','function':{'arguments':' '}}"));
        assertThat(turn.message().toolCalls())
                .containsExactly(call(1, "f", "{}", "a"), call(2, "f", "{} ", "b"));
    }

    @Test
    void aCallSentInOnePieceWithoutIndexIdOrTypeIsTaken() {
        Turn turn =
                turn(
                        calls(
                                "{'function':{'name':'f','arguments':'{}'}},{'function':{'name':'f','arguments':'{}'}}"),
                        calls(
                                "{'index':null,'id':'','function':{'name':'g','arguments':{'x':1}}}"));
        assertThat(turn.message().toolCalls())
                .containsExactly(
                        call(1, "f", "{}", null),
                        call(2, "f", "{}", null),
                        call(3, "g", "{\"x\":1}", null));
    }

    @Test
    void wholeCallsAtTheSameIndexWithoutIdsAreSeveral() {
        Turn turn =
                turn(
                        calls("{'index':0,'function':{'name':'f','arguments':'{}'}}"),
                        calls("{'index':0,'function':{'name':'f','arguments':'{}'}}"));
        assertThat(turn.message().toolCalls()).hasSize(2);
    }

    @Test
    void piecesWithoutIndexBelongToTheirIdOrTheLastCall() {
        Turn turn =
                turn(
                        calls("{'id':'a','function':{'name':'f','arguments':'{'}}"),
                        calls("{'function':{'arguments':'\\'x\\''}}"),
                        calls("{'id':'b','function':{'name':'g','arguments':'{'}}"),
                        calls("{'id':'a','function':{'arguments':':1}'}}"),
                        calls("{'id':'b','function':{'name':'g','arguments':'}'}}"));
        assertThat(turn.message().toolCalls())
                .containsExactly(call(1, "f", "{\"x\":1}", "a"), call(2, "g", "{}", "b"));
    }

    @Test
    void anIdOrANameThatIsRepeatedOrLateIsTaken() {
        Turn turn =
                turn(
                        calls("{'index':0,'function':{'arguments':''}}"),
                        calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}"),
                        calls("{'index':0,'id':'a','function':{'name':'f','arguments':'}'}}"),
                        calls(
                                "{'index':0,'id':'other','function':{'name':null,'arguments':null}}"));
        assertThat(turn.message().toolCalls()).containsExactly(call(1, "f", "{}", "a"));
    }

    @Test
    void aNameMayComeInPieces() {
        Turn turn =
                turn(
                        calls("{'index':0,'id':'a','function':{'name':'get_'}}"),
                        calls("{'index':0,'function':{'name':'time','arguments':'{}'}}"));
        assertThat(turn.message().toolCalls()).containsExactly(call(1, "get_time", "{}", "a"));
    }

    @Test
    void unknownFieldsOfACallStayWithIt() {
        Turn turn =
                turn(
                        calls(
                                "{'index':0,'id':'a','extra_content':{'google':{'s':'ab'}},'function':{'name':'f'}}"),
                        calls("{'index':0,'extra_content':{'google':{'s':'cd'}}}"));
        assertThat(turn.message().toolCalls().getFirst().extra())
                .isEqualTo(Map.of("extra_content", Prompts.json("{\"google\":{\"s\":\"abcd\"}}")));
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

    private static String calls(String pieces) {
        return "{'choices':[{'index':0,'delta':{'tool_calls':[" + pieces + "]}}]}";
    }

    private static ToolCall call(
            int number, String name, String arguments, @Nullable String providerId) {
        return new ToolCall("call-" + number, name, arguments, providerId, Map.of());
    }
}
