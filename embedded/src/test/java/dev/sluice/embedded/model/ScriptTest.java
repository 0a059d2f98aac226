package dev.sluice.embedded.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.sluice.embedded.model.rule.Pace;
import dev.sluice.embedded.model.rule.Reply;
import dev.sluice.embedded.model.rule.Rule;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScriptTest {

    @Test
    void everythingAScriptCanSayIsRead() {
        Script script =
                Script.parse(
                        """
                        models: [a, b]
                        api_key: k
                        journal: 5
                        pace: { first_token: 1.5s, tokens_per_second: 50 }
                        rules:
                          - name: all
                            when: { model: a, user: 'x(y)', tool_result: any, has_tools: true, turn: 1, times: 2 }
                            pace: { first_token: 20ms }
                            reply:
                              text: 'T {{user.1}}'
                              reasoning: R
                              tool_calls: [{ name: t, arguments: { q: '{{user}}', n: [1] }, id: c }]
                              finish_reason: length
                              usage: { prompt_tokens: 1 }
                              repeat: 2
                              extra: { e: 1 }
                              headers: { H: v }
                              cut_after: 3
                          - reply: { status: 429, error: { message: m, code: c }, headers: { Retry-After: 1 } }
                        fallback: { text: f }
                        """);

        assertThat(script.models()).containsExactly("a", "b");
        assertThat(script.apiKey()).isEqualTo("k");
        assertThat(script.journal()).isEqualTo(5);
        assertThat(script.pace()).isEqualTo(new Pace(Duration.ofMillis(1500), 50));
        Rule all = script.rules().getFirst();
        assertThat(all.name()).isEqualTo("all");
        assertThat(all.when().times()).isEqualTo(2);
        assertThat(all.pace()).isEqualTo(new Pace(Duration.ofMillis(20), Double.POSITIVE_INFINITY));
        assertThat(all.reply())
                .asInstanceOf(type(Reply.Answer.class))
                .satisfies(answer -> {
                    assertThat(answer.fault()).isEqualTo(new Reply.Fault.CutAfter(3));
                    assertThat(answer.finishReason()).isEqualTo("length");
                    assertThat(answer.headers()).containsEntry("H", "v");
                    assertThat(answer.toolCalls()).hasSize(1);
                });
        assertThat(script.rules().get(1).name()).isEqualTo("rules[1]");
        assertThat(script.rules().get(1).reply())
                .asInstanceOf(type(Reply.HttpError.class))
                .satisfies(e -> assertThat(e.headers()).containsEntry("Retry-After", "1"));
    }

    @Test
    void anEmptyScriptHasItsDefaults() {
        Script script = Script.parse("rules: []");

        assertThat(script).isEqualTo(Script.parse("{}"));
        assertThat(script.pace()).isEqualTo(Pace.NONE);
        assertThat(script.serves("anything")).isTrue();
        assertThat(script.fallbackReply()).isEmpty();
    }

    @Test
    void everyProblemIsReportedAtOnceWithItsPath() {
        assertThatThrownBy(() ->
                        Script.parse(
                                """
                                modles: [a]
                                journal: 0
                                pace: { first_token: 5, tokens_per_second: -1 }
                                rules:
                                  - when: { user: '(', turn: x }
                                    reply: { text: '{{nobody}} {{user.1}}', cut_after: 1, malformed: true }
                                  - reply: { status: 200, text: t }
                                  - name: nothing
                                  - reply: { tool_calls: [{ arguments: { a: '{{tool_result.2}}' } }] }
                                """))
                .isInstanceOfSatisfying(
                        ScriptException.class,
                        e ->
                                assertThat(String.join("\n", e.problems()))
                                        .contains("modles: unknown key; known are api_key")
                                        .contains("journal: must be a whole number from 1")
                                        .contains("pace.first_token: must be text, not 5")
                                        .contains("pace.tokens_per_second: must be a number above")
                                        .contains("rules[0].when.user: is not a regular expression")
                                        .contains("rules[0].when.turn: must be a whole number")
                                        .contains("rules[0].reply.text: {{nobody}} is not")
                                        .contains("rules[0].reply.cut_after: only one of")
                                        .contains("rules[1].reply.status: must be a whole number")
                                        .contains("rules[1].reply.text: has no place")
                                        .contains("rules[2].reply: is missing")
                                        .contains("rules[3].reply.tool_calls[0].name: exactly one")
                                        .contains("arguments.a: {{tool_result.2}}: the rule's"));
    }

    @Test
    void whatIsNoYamlIsRefused() {
        assertThatThrownBy(() -> Script.parse("rules: ["))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("not YAML");
        assertThatThrownBy(() -> Script.parse("just text"))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("must be a mapping");
    }
}
