package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.ToolDefinition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Reads the tools that a client brings along.
final class ToolReader {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    private ToolReader() {}

    static List<ToolDefinition> read(Field tools) {
        if (tools.absent()) {
            return List.of();
        }
        List<ToolDefinition> definitions = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Field tool : tools.items("an array of objects")) {
            ToolDefinition definition = definition(tool);
            if (!names.add(definition.name())) {
                throw tool.at("function")
                        .at("name")
                        .invalid(
                                "invalid_value",
                                "duplicate tool name. Expected names that differ, but got '"
                                        + definition.name()
                                        + "' twice.");
            }
            definitions.add(definition);
        }
        return definitions;
    }

    private static ToolDefinition definition(Field tool) {
        Field type = tool.object().at("type");
        if (!type.string().equals("function")) {
            throw type.unknownValue("'function'");
        }
        Field function = tool.at("function").object();
        Field name = function.at("name");
        if (!NAME.matcher(name.string()).matches()) {
            throw name.invalid(
                    "invalid_value",
                    "string does not match pattern. Expected a string that matches the pattern"
                            + " '^[a-zA-Z0-9_-]{1,64}$'.");
        }
        Field parameters = function.at("parameters");
        Map<String, JsonNode> extra = tool.others(Set.of("type", "function"));
        extra.putAll(function.others(Set.of("name", "description", "parameters")));
        return new ToolDefinition(
                name.string(),
                function.at("description").optionalString(),
                parameters.absent() ? null : parameters.object().value(),
                extra);
    }
}
