package dev.sluice.standalone.asyncapi;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.sluice.common.run.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `docs/asyncapi.yaml`: the topics, and the records on them.
final class AsyncApi {
    private static final Path FILE = Path.of("..", "docs", "asyncapi.yaml");

    private final JsonNode document;
    private final JsonNode strict;
    private final Map<String, Schema> schemas = new HashMap<>();

    private AsyncApi(JsonNode document) {
        this.document = document;
        this.strict = document.deepCopy();
        forbidWhatIsNotNamed(strict.path("components"));
        // What others build on says nothing of the fields that they add.
        nodes(strict)
                .flatMap(node -> node.path("allOf").valueStream())
                .filter(base -> base.has("$ref"))
                .map(base -> (ObjectNode) strict.at(base.path("$ref").asString().substring(1)))
                .toList()
                .forEach(base ->
                        base.without(List.of("additionalProperties", "unevaluatedProperties")));
    }

    static AsyncApi load() throws IOException {
        try (InputStream yaml = Files.newInputStream(FILE)) {
            Object loaded = new Load(LoadSettings.builder().build()).loadFromInputStream(yaml);
            return new AsyncApi(Json.MAPPER.valueToTree(loaded));
        }
    }

    /// Has every object that says nothing of further fields have none: a record with a field that
    /// nobody described is not as described.
    private static void forbidWhatIsNotNamed(JsonNode node) {
        node.forEach(AsyncApi::forbidWhatIsNotNamed);
        if (!(node instanceof ObjectNode object)) {
            return;
        }
        if (object.path("payload").path("allOf").isArray()) {
            ((ObjectNode) object.get("payload")).put("unevaluatedProperties", false);
        } else if (object.path("type").asStringOpt().filter("object"::equals).isPresent()
                && (object.has("properties") || object.has("allOf"))
                && !object.has("additionalProperties")) {
            object.put("unevaluatedProperties", false);
        }
    }

    JsonNode document() {
        return document;
    }

    /// The topics, whose names begin so.
    List<String> topics(String prefix) {
        return document.path("channels")
                .valueStream()
                .map(channel -> channel.path("address").asString().replace("{prefix}", prefix))
                .toList();
    }

    /// The names of a topic's messages.
    List<String> messages(String topic) {
        String address = topic.replaceFirst("^[^.]+", "{prefix}");
        return document
                .path("channels")
                .valueStream()
                .filter(channel -> channel.path("address").asString().equals(address))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no channel is described for " + topic))
                .path("messages")
                .propertyNames()
                .stream()
                .toList();
    }

    /// What is wrong with a record's value by the description of a message; empty where nothing is.
    List<String> problems(String message, JsonNode value) {
        return problems(message, "payload", value);
    }

    /// What is wrong with a record's headers, of which a message that describes none has none.
    List<String> headerProblems(String message, ObjectNode headers) {
        if (!document.path("components").path("messages").path(message).has("headers")) {
            return headers.isEmpty() ? List.of() : List.of("none is described: " + headers);
        }
        return problems(message, "headers", headers);
    }

    private List<String> problems(String message, String part, JsonNode value) {
        Schema schema = schemas.computeIfAbsent(message + "/" + part, this::schema);
        return schema.validate(value).stream().map(Object::toString).toList();
    }

    private Schema schema(String part) {
        ObjectNode schema = Json.MAPPER.createObjectNode();
        schema.put("$ref", "#/components/messages/" + part);
        schema.set("components", strict.path("components"));
        return SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_2020_12,
                        registry ->
                                registry.schemaRegistryConfig(
                                        SchemaRegistryConfig.builder()
                                                .formatAssertionsEnabled(true)
                                                .build()))
                .getSchema(schema);
    }

    /// What a `$ref` of the document leads to.
    JsonNode resolve(JsonNode node) {
        JsonNode ref = node.path("$ref");
        if (!ref.isString()) {
            return node;
        }
        JsonNode target = document.at(ref.stringValue().substring(1));
        if (target.isMissingNode()) {
            throw new AssertionError(ref + " leads nowhere");
        }
        return target;
    }

    /// All of the document, piece by piece.
    Stream<JsonNode> nodes() {
        return nodes(document);
    }

    private static Stream<JsonNode> nodes(JsonNode node) {
        return Stream.concat(Stream.of(node), node.valueStream().flatMap(AsyncApi::nodes));
    }
}
