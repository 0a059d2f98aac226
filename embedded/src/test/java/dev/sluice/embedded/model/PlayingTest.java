package dev.sluice.embedded.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedded.model.chat.ChatRequest;
import dev.sluice.embedded.model.rule.Reply;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PlayingTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Test
    void theFirstRuleThatMatchesAnswers() {
        Playing playing =
                playing(
                        "- { when: { user: b }, reply: { text: 1 b } }\n- { reply: { text: any } }");

        assertThat(rule(playing, user("abc"))).isZero();
        assertThat(rule(playing, user("xyz"))).isEqualTo(1);
    }

    @Test
    void aRuleWithTimesGivesWayOnceItIsUsedUp() {
        Playing playing =
                playing("- { when: { times: 2 }, reply: { status: 503 } }\n- reply: { text: ok }");

        assertThat(rule(playing, user("a"))).isZero();
        assertThat(rule(playing, user("a"))).isZero();
        assertThat(rule(playing, user("a"))).isEqualTo(1);
    }

    @Test
    void theTurnAndTheToolResultsCountFromTheLastUserMessage() {
        Playing playing =
                playing(
                        """
                        - { name: second, when: { turn: 2, tool_result: 'two' }, reply: { text: '' } }
                        - { name: first, when: { turn: 1, tool_result: any }, reply: { text: '' } }
                        - { name: zero, when: { turn: 0 }, reply: { text: '' } }
                        """);
        String history =
                "{'role':'user','content':'old'},{'role':'assistant','content':'x'},"
                        + "{'role':'user','content':[{'type':'text','text':'new'}]}";
        String turn1 = history + call("a") + result("a", "one");

        assertThat(playing.cue(request(history)).orElseThrow().rule()).isEqualTo("zero");
        assertThat(playing.cue(request(turn1)).orElseThrow().rule()).isEqualTo("first");
        assertThat(
                        playing.cue(request(turn1 + call("b") + result("b", "two")))
                                .orElseThrow()
                                .rule())
                .isEqualTo("second");
        assertThat(playing.cue(request(turn1 + call("b") + result("b", "one")))).isEmpty();
    }

    @Test
    void aToolIsFoundByPatternAndWithoutItTheRuleDoesNotMatch() {
        Playing playing = playing("- reply: { tool_calls: [{ name_matching: '.*_time' }] }");
        String tools = "'tools':[{'function':{'name':'x'}},{'function':{'name':'a_time'}}]";

        assertThat(playing.cue(body(user("u"), tools)).orElseThrow().tools())
                .containsExactly("a_time");
        assertThat(playing.cue(body(user("u"), tools + ",'tool_choice':'none'"))).isEmpty();
        assertThat(playing.cue(request(user("u")))).isEmpty();
    }

    @Test
    void templatesFillInGroupsVerbatim() {
        Playing playing =
                playing(
                        "- { when: { user: 'in (\\w+)(!)?' }, reply: { text: '{{user.1}}|{{ user.2 }}|{{user}}' } }");

        Playing.Cue cue = playing.cue(request(user("in Rome \\\\$1"))).orElseThrow();

        Completion completion =
                new Completion((Reply.Answer) cue.reply(), cue.values(), cue.tools(), 0);
        assertThat(completion.message().path("content").asString()).isEqualTo("Rome||in Rome \\$1");
    }

    private static Playing playing(String rules) {
        return new Playing(Script.parse("rules:\n" + rules));
    }

    private static int rule(Playing playing, String messages) {
        return playing.cue(request(messages)).orElseThrow().index();
    }

    private static String user(String text) {
        return "{'role':'user','content':'" + text + "'}";
    }

    private static String call(String id) {
        return ",{'role':'assistant','tool_calls':[{'id':'"
                + id
                + "','function':{'name':'t','arguments':'{}'}}]}";
    }

    private static String result(String id, String text) {
        return ",{'role':'tool','tool_call_id':'" + id + "','content':'" + text + "'}";
    }

    private static ChatRequest request(String messages) {
        return body(messages, "'n':1");
    }

    private static ChatRequest body(String messages, String more) {
        String json = "{'model':'m','messages':[" + messages + "]," + more + "}";
        return ChatRequest.of(JSON.readTree(json.replace('\'', '"')));
    }
}
