package dev.sluice.gateway.dialect.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Holds what is written against OpenAI's own published description, where a copy is at hand beside
/// the repository.
final class PublishedSchemaTest {
    private static final Path PUBLISHED =
            Path.of("..", "..", "shared", "data", "openai-openapi.json");
    private static JsonNode schemas = Json.MAPPER.nullNode();

    @BeforeAll
    static void readThePublishedDescription() {
        assumeTrue(
                Files.exists(PUBLISHED),
                () ->
                        "no copy of OpenAI's description at "
                                + PUBLISHED.toAbsolutePath().normalize());
        schemas = Json.MAPPER.readTree(PUBLISHED.toFile()).at("/components/schemas");
        allowNull(schemas);
    }

    /// Rewrites OpenAPI 3.0's `nullable`, which JSON Schema does not know, to a union of types.
    private static void allowNull(JsonNode node) {
        node.forEach(PublishedSchemaTest::allowNull);
        if (!(node instanceof ObjectNode object) || !object.path("nullable").isBoolean()) {
            return;
        }
        object.remove("nullable");
        JsonNode type = object.get("type");
        if (type != null && type.isString()) {
            object.putArray("type").add(type).add("null");
            if (object.get("enum") instanceof ArrayNode values) {
                values.addNull();
            }
        } else {
            ObjectNode before = object.deepCopy();
            object.removeAll().putArray("anyOf").add(before).addObject().put("type", "null");
        }
    }

    private static void isA(String name, JsonNode value) {
        ObjectNode document = Json.MAPPER.createObjectNode();
        document.put("$ref", "#/components/schemas/" + name);
        document.putObject("components").set("schemas", schemas);
        Schema schema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(document);
        assertThat(schema.validate(value)).as(() -> name + ": " + value).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyChunkIsAsPublished(boolean usage) {
        List<JsonNode> chunks =
                Runs.stream(usage, Runs.RICH).stream()
                        .filter(frame -> frame.startsWith("data: {"))
                        .map(frame -> Json.MAPPER.readTree(frame.substring(6)))
                        .toList();
        assertThat(chunks).hasSizeGreaterThan(10);
        chunks.forEach(chunk -> isA("CreateChatCompletionStreamResponse", chunk));
    }

    @Test
    void theWholeIsAsPublished() {
        isA("CreateChatCompletionResponse", Runs.whole(Runs.RICH));
        isA("CreateChatCompletionResponse", Runs.whole(Runs.STOP));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.gateway.dialect.chat.ChatErrorsTest#failures")
    void everyErrorIsAsPublished(Failure failure) {
        isA("ErrorResponse", Wording.of(failure).body());
    }

    @Test
    void theModelsAreAsPublished() {
        Instant created = Instant.ofEpochSecond(7);
        isA("Model", Json.MAPPER.readTree(ModelList.one("a", created).getBytes()));
        isA(
                "ListModelsResponse",
                Json.MAPPER.readTree(ModelList.all(List.of("a"), created).getBytes()));
    }

    @Test
    void whatIsNotAsPublishedIsTold() {
        ObjectNode whole = (ObjectNode) Runs.whole(Runs.STOP);
        whole.remove("created");
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> isA("CreateChatCompletionResponse", whole))
                .hasMessageContaining("created");
    }
}
