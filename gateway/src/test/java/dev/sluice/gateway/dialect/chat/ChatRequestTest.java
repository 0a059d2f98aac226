package dev.sluice.gateway.dialect.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Message.Role;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChatRequestTest {
    private static final String FULL =
            """
            {"model":"demo","stream":true,"stream_options":{"include_usage":true},"n":1,
             "temperature":0.5,"max_tokens":null,"stop":["a","b"],"novel":{"x":[1]},
             "tool_choice":{"type":"function","function":{"name":"server_side"}},
             "messages":[
              {"role":"system","content":"Be brief."},
              {"role":"developer","content":[{"type":"text","text":"Really.","cache_control":{"type":"ephemeral"}}]},
              {"role":"user","name":"ada","content":[
                {"type":"text","text":"Grüße 🌍"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}},
                {"type":"file","file":{"file_id":"file-1"}},
                {"type":"file","file":{"file_data":"data:x","filename":"a.pdf"}},
                {"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]},
              {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[
                {"id":"call_1","type":"function","function":{"name":"f","arguments":"{"},"extra_content":1}]},
              {"role":"tool","tool_call_id":"call_1","content":"12:00"},
              {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"x"}],"name":"f"},
              {"role":"assistant","content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"b"}],"refusal":"c","audio":{"id":"x"}}],
             "tools":[{"type":"function","function":{"name":"f","description":"F.","parameters":{"type":"object"},"strict":true}},
                      {"type":"function","function":{"name":"g"}}]}
            """;

    @Test
    void everythingOfARequestIsTaken() {
        // When
        Ask ask = Runs.accepted(FULL);
        // Then
        assertThat(ask.agent()).isEqualTo("demo");
        assertThat(ask.delivery()).isEqualTo(new Ask.Delivery.Streamed(new ChatFormat(true)));
        assertThat(ask.parameters())
                .isEqualTo(
                        Runs.fields(
                                """
                                {"temperature":0.5,"stop":["a","b"],"novel":{"x":[1]},
                                 "tool_choice":{"type":"function","function":{"name":"server_side"}}}
                                """));
        assertThat(ask.tools())
                .containsExactly(
                        new ToolDefinition(
                                "f",
                                "F.",
                                Json.MAPPER.readTree("{\"type\":\"object\"}"),
                                Runs.fields("{\"strict\":true}")),
                        new ToolDefinition("g", null, null, Map.of()));
        assertThat(ask.messages())
                .containsExactly(
                        Message.text(Role.SYSTEM, "Be brief."),
                        new Message(
                                Role.DEVELOPER,
                                List.of(
                                        new ContentPart.Text(
                                                "Really.",
                                                Runs.fields(
                                                        "{\"cache_control\":{\"type\":\"ephemeral\"}}")))),
                        new Message(
                                Role.USER,
                                List.of(
                                        new ContentPart.Text("Grüße 🌍"),
                                        new ContentPart.Image(
                                                "data:image/png;base64,AA==", "low", Map.of()),
                                        new ContentPart.File("file-1", null, null, Map.of()),
                                        new ContentPart.File(null, "a.pdf", "data:x", Map.of()),
                                        new ContentPart.Verbatim(
                                                Runs.fields(
                                                        """
                                                        {"type":"input_audio",
                                                         "input_audio":{"data":"AA==","format":"wav"}}
                                                        """))),
                                Runs.fields("{\"name\":\"ada\"}")),
                        new Message(
                                Role.ASSISTANT,
                                List.of(
                                        new ContentPart.Reasoning("hm"),
                                        new ContentPart.ToolCall(
                                                "call_1",
                                                "f",
                                                "{",
                                                null,
                                                Runs.fields("{\"extra_content\":1}")))),
                        Message.results(
                                List.of(ContentPart.ToolResult.text("call_1", "12:00", false))),
                        new Message(
                                Role.TOOL,
                                List.of(ContentPart.ToolResult.text("call_2", "x", false)),
                                Runs.fields("{\"name\":\"f\"}")),
                        new Message(
                                Role.ASSISTANT,
                                List.of(
                                        new ContentPart.Text("a"),
                                        new ContentPart.Refusal("b"),
                                        new ContentPart.Refusal("c")),
                                Runs.fields("{\"audio\":{\"id\":\"x\"}}")));
    }

    @Test
    void theLeastThatIsARequestIsTaken() {
        Ask ask =
                Runs.accepted(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}");
        assertThat(ask)
                .isEqualTo(
                        new Ask(
                                "m",
                                List.of(Message.text(Role.USER, "")),
                                List.of(),
                                Map.of(),
                                new Ask.Terms(Map.of(), null, false, Lane.INTERACTIVE, null),
                                new Ask.Delivery.Whole(new ChatFormat(false))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"n\":null,\"stream\":null,\"stream_options\":null,\"tools\":null,\"audio\":null",
                "\"tools\":[],\"n\":1",
                "\"stream\":true,\"stream_options\":{}",
                "\"temperature\":2,\"top_p\":0,\"presence_penalty\":-2.0,\"top_logprobs\":20",
                "\"stop\":\"x\",\"tool_choice\":\"required\",\"modalities\":[\"text\"]",
                "\"seed\":-9223372036854775808,\"metadata\":{\"a\":\"b\"},\"logit_bias\":{\"1\":-100}",
                "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\"}}",
                "\"model\":\"first\",\"model\":\"m\""
            })
    void whatOpenAiTakesIsTaken(String fields) {
        Ask ask =
                Runs.accepted(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
                                + fields
                                + "}");
        assertThat(ask.agent()).isEqualTo("m");
        assertThat(ask.parameters()).doesNotContainKeys("n", "tools", "stream", "audio");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}],\"content\":[]",
                "\"refusal\":\"no\"",
                "\"audio\":{\"id\":\"x\"},\"content\":null",
                "\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}",
                "\"tool_calls\":[],\"content\":\"\""
            })
    void anAssistantMayHaveNoContentWhereItHasSomethingElse(String fields) {
        Ask ask =
                Runs.accepted(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\"," + fields + "}]}");
        assertThat(ask.messages()).singleElement().matches(it -> it.role() == Role.ASSISTANT);
    }

    @Test
    void noDamagedBodyBreaksTheReader() {
        // Given
        byte[] valid = FULL.getBytes(UTF_8);
        byte[] replacements = {0, '"', '{', ']', '}', ',', ':', '\\', '9', 'n', (byte) 0xC3, -1};
        ChatDialect dialect = new ChatDialect();
        int refused = 0;
        // When
        for (int i = 0; i < valid.length; i++) {
            if (dialect.parse(Buffer.buffer(Arrays.copyOf(valid, i)))
                    instanceof Dialect.Parsed.Refused(var failure)) {
                assertThat(failure).isInstanceOf(Failure.InvalidRequest.class);
                refused++;
            }
            for (byte replacement : replacements) {
                byte[] damaged = valid.clone();
                damaged[i] = replacement;
                assertThat(dialect.parse(Buffer.buffer(damaged))).isNotNull();
            }
        }
        // Then
        assertThat(refused)
                .as("only the final line end may be missing")
                .isEqualTo(valid.length - 1);
    }
}
