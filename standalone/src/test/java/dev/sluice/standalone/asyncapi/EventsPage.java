package dev.sluice.standalone.asyncapi;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Renders `docs/events.md` from `docs/asyncapi.yaml`.
final class EventsPage {
    private final AsyncApi api;
    private final StringBuilder page = new StringBuilder();

    private EventsPage(AsyncApi api) {
        this.api = api;
    }

    static String of(AsyncApi api) {
        return new EventsPage(api).render();
    }

    private String render() {
        JsonNode document = api.document();
        line("<!-- Made from asyncapi.yaml by AsyncApiTest: change that, and make it again. -->");
        line("# " + document.at("/info/title").asString());
        line("");
        line(document.at("/info/description").asString().strip());
        line("");
        line(
                "[asyncapi.yaml](asyncapi.yaml) says the rest of this page for programs (AsyncAPI 3).");
        document.path("channels").forEach(this::channel);
        return page.toString();
    }

    private void channel(JsonNode channel) {
        line("");
        line("## " + channel.path("address").asString().replace("{prefix}", "sluice"));
        line("");
        line(channel.path("description").asString());
        if (channel.path("messages").has("run.accepted")) {
            headers(api.document().at("/components/schemas/AuditHeaders"));
            envelope("CloudEvent");
        } else if (channel.path("messages").has("attempt_started")) {
            envelope("Reply");
        }
        channel.path("messages")
                .forEachEntry((name, message) -> message(name, api.resolve(message)));
    }

    /// What all of a topic's records have in common.
    private void envelope(String schema) {
        line("");
        line("Every record has");
        line("");
        line("| field | |");
        line("|---|---|");
        fields("", api.document().at("/components/schemas/" + schema), Set.of());
    }

    private void message(String name, JsonNode message) {
        line("");
        line("### " + name);
        line("");
        line(message.path("summary").asString());
        JsonNode payload = message.path("payload");
        JsonNode own = payload.path("allOf").path(1);
        if (!own.path("properties").has("data")) {
            headers(api.resolve(message.path("headers")));
        }
        if (payload.path("type").asString("").equals("null")) {
            return;
        }
        line("");
        line("| field | |");
        line("|---|---|");
        if (own.isMissingNode()) {
            fields("", payload, Set.of());
        } else if (own.path("properties").has("data")) {
            // The envelope is the same for all: it is shown where it is described.
            row("`type`", "`" + type(own) + "`");
            fields("data.", own.path("properties").path("data"), Set.of());
        } else {
            row("`type`", "`" + type(own) + "`");
            fields("", own, Set.of("type"));
        }
    }

    private void headers(JsonNode headers) {
        if (!headers.isMissingNode()) {
            line("");
            line("| header | |");
            line("|---|---|");
            Stream.concat(headers.path("allOf").valueStream().map(api::resolve), Stream.of(headers))
                    .flatMap(schema -> schema.path("properties").propertyStream())
                    .collect(
                            Collectors.toMap(
                                    Map.Entry::getKey,
                                    Map.Entry::getValue,
                                    (_, own) -> own,
                                    LinkedHashMap::new))
                    .forEach((header, schema) -> row("`" + header + "`", what(schema)));
        }
    }

    private static String type(JsonNode schema) {
        return schema.path("properties").path("type").path("const").asString();
    }

    private void fields(String prefix, JsonNode reference, Set<String> except) {
        JsonNode schema = api.resolve(reference);
        Set<String> required = new LinkedHashSet<>();
        schema.path("required").forEach(name -> required.add(name.asString()));
        for (Map.Entry<String, JsonNode> field : schema.path("properties").properties()) {
            if (except.contains(field.getKey())) {
                continue;
            }
            JsonNode value = api.resolve(field.getValue());
            row(
                    "`"
                            + prefix
                            + field.getKey()
                            + "`"
                            + (required.contains(field.getKey()) ? "" : "?"),
                    what(value));
            if (value.has("properties") && !value.path("additionalProperties").asBoolean(false)) {
                fields(prefix + field.getKey() + ".", value, Set.of());
            }
        }
    }

    private String what(JsonNode reference) {
        JsonNode schema = api.resolve(reference);
        StringBuilder what = new StringBuilder();
        if (schema.has("const")) {
            what.append("`").append(schema.path("const").asString()).append("`");
        } else if (schema.has("enum")) {
            schema.path("enum")
                    .forEach(one ->
                            what.append(what.isEmpty() ? "" : ", ")
                                    .append("`")
                                    .append(one.asString())
                                    .append("`"));
        } else if (schema.has("format")) {
            what.append("time");
        } else {
            what.append(schema.path("type").asString());
        }
        if (schema.has("description")) {
            what.append(": ").append(schema.path("description").asString());
        }
        return what.toString();
    }

    private void row(String first, String second) {
        line("| " + first + " | " + second.replace("|", "\\|") + " |");
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
