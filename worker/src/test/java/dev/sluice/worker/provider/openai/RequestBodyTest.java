package dev.sluice.worker.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.ContentPart.Text;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Message.Role;
import dev.sluice.common.run.ToolDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RequestBodyTest {
    private static final ContentPart.Image IMAGE =
            new ContentPart.Image("https://x/i.png", "low", Map.of());

    @Test
    void everyKindOfMessageIsWritten() throws IOException {
        List<Message> messages =
                List.of(
                        Message.text(Role.SYSTEM, "Be brief."),
                        Message.text(Role.DEVELOPER, "Be kind."),
                        new Message(
                                Role.USER,
                                List.of(new Text("Hi")),
                                Map.of("name", Prompts.json("\"Ada\""))),
                        new Message(
                                Role.USER,
                                List.of(
                                        new Text("Look", Map.of("cache", Prompts.json("true"))),
                                        IMAGE,
                                        new ContentPart.Image("data:x", null, Map.of()),
                                        new ContentPart.File("f-1", null, null, Map.of()),
                                        new ContentPart.File(null, "a.pdf", "data:y", Map.of()),
                                        new ContentPart.Verbatim(
                                                fields("{\"type\":\"input_audio\",\"a\":[1]}")))),
                        new Message(
                                Role.ASSISTANT,
                                List.of(
                                        new ContentPart.Reasoning("hm"),
                                        new ContentPart.Reasoning(" so"),
                                        new Text("I will "),
                                        new Text("look."),
                                        call("call-1", "time", "{\"city\":\"Oslo\"}", "call_a"),
                                        new ToolCall(
                                                "call-2",
                                                "see",
                                                "",
                                                null,
                                                Map.of("signature", Prompts.json("\"s\"")))),
                                fields("{\"reasoning_details\":[1]}")),
                        Message.results(
                                List.of(
                                        new ToolResult(
                                                "call-2",
                                                List.of(new Text("one"), IMAGE, new Text("two")),
                                                false),
                                        ToolResult.text("call-1", "it failed", true))),
                        new Message(Role.ASSISTANT, List.of(new ContentPart.Refusal("No."))),
                        Message.text(Role.USER, "Why?"));
        ToolDefinition tool =
                new ToolDefinition(
                        "time",
                        "The time.",
                        Prompts.json("{\"type\":\"object\"}"),
                        fields("{\"strict\":true}"));
        Map<String, JsonNode> parameters =
                fields(
                        "{\"temperature\":0.5,\"tool_choice\":\"auto\",\"parallel_tool_calls\":false,"
                                + "\"unknown\":{\"a\":1},\"model\":\"not this\",\"stream\":false,"
                                + "\"stream_options\":{},\"messages\":[],\"tools\":[],\"top_k\":1}");

        JsonNode body =
                RequestBody.of(
                        Prompts.prompt(messages, List.of(tool), parameters),
                        fields("{\"top_k\":40}"));

        assertThat(body.toPrettyString()).isEqualTo(golden().toPrettyString());
    }

    @Test
    void withoutToolsNothingIsSaidOfThem() {
        JsonNode body =
                RequestBody.of(
                        Prompts.prompt(
                                List.of(Message.text(Role.USER, "Hi")),
                                List.of(),
                                fields("{\"tool_choice\":\"none\",\"parallel_tool_calls\":true}")),
                        Map.of());
        assertThat(body.toString())
                .isEqualTo(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
                                + "\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    }

    @Test
    void aProviderIdUsedTwiceGivesWayToOurIdsEverywhere() {
        JsonNode messages =
                messages(
                        turn(call("call-1", "f", "{}", "call_0")),
                        results("call-1"),
                        turn(
                                call("call-2", "f", "{}", "call_0"),
                                call("call-3", "f", "{}", "call_1")),
                        results("call-2", "call-3"));
        assertThat(ids(messages))
                .containsExactly("call-1", "call-1", "call-2", "call-3", "call-2", "call-3");
    }

    @Test
    void differentProviderIdsAreSentBack() {
        JsonNode messages =
                messages(
                        turn(call("call-1", "f", "{}", "a"), call("call-2", "f", "{}", null)),
                        results("call-1", "call-2", "unknown"));
        assertThat(ids(messages)).containsExactly("a", "call-2", "a", "call-2", "unknown");
    }

    @Test
    void imagesOfResultsFollowTheLastResultOfTheTurn() {
        ToolResult first = new ToolResult("call-1", List.of(IMAGE), false);
        JsonNode messages =
                messages(
                        turn(call("call-1", "f", "{}", "a"), call("call-2", "f", "{}", "b")),
                        Message.results(List.of(first)),
                        results("call-2"));
        assertThat(messages.valueStream().map(message -> message.path("role").stringValue()))
                .containsExactly("assistant", "tool", "tool", "user");
        assertThat(messages.path(1).path("content").stringValue())
                .isEqualTo("[1 attached: see the next user message]");
        assertThat(messages.path(3).path("content").toString())
                .isEqualTo(
                        "[{\"type\":\"text\",\"text\":\"Attached to the result of tool call a:\"},"
                                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/i.png\","
                                + "\"detail\":\"low\"}}]");
    }

    @Test
    void anAssistantThatSaidNothingHasContentNevertheless() {
        assertThat(messages(new Message(Role.ASSISTANT, List.of())).path(0).toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":\"\"}");
    }

    private static JsonNode messages(Message... messages) {
        return ChatMessages.of(List.of(messages));
    }

    private static Message turn(ToolCall... calls) {
        return new Message(Role.ASSISTANT, List.of(calls));
    }

    private static Message results(String... ids) {
        return Message.results(
                List.of(ids).stream().map(id -> ToolResult.text(id, "done", false)).toList());
    }

    private static List<String> ids(JsonNode messages) {
        List<String> ids = new ArrayList<>();
        for (JsonNode message : messages) {
            message.path("tool_calls").forEach(call -> ids.add(call.path("id").stringValue()));
            message.path("tool_call_id").stringValueOpt().ifPresent(ids::add);
        }
        return ids;
    }

    private static ToolCall call(
            String id, String name, String arguments, @Nullable String providerId) {
        return new ToolCall(id, name, arguments, providerId, Map.of());
    }

    private static Map<String, JsonNode> fields(String object) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        Prompts.json(object)
                .properties()
                .forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
    }

    private static JsonNode golden() throws IOException {
        try (InputStream file = RequestBodyTest.class.getResourceAsStream("request.json")) {
            return Json.MAPPER.readTree(file.readAllBytes());
        }
    }
}
