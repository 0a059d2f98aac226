package dev.sluice.worker.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// The request parameters of a turn: the client's over the agent's.
final class Parameters {
    private static final String TOOL_CHOICE = "tool_choice";
    private static final Set<String> TOKEN_LIMITS = Set.of("max_tokens", "max_completion_tokens");

    private Parameters() {}

    /// The client's parameters laid over the agent's. The two names of the token limit are one
    /// parameter: a client that sets either of them overrules the agent's.
    static Map<String, JsonNode> merge(
            Map<String, JsonNode> agents, Map<String, JsonNode> clients) {
        Map<String, JsonNode> merged = new LinkedHashMap<>(agents);
        if (TOKEN_LIMITS.stream().anyMatch(clients::containsKey)) {
            merged.keySet().removeAll(TOKEN_LIMITS);
        }
        merged.putAll(clients);
        return merged;
    }

    /// The parameters of the turns after the first: a tool choice that forces a call would force
    /// one in every turn, and the run would never answer.
    static Map<String, JsonNode> afterTools(Map<String, JsonNode> parameters) {
        JsonNode choice = parameters.get(TOOL_CHOICE);
        if (choice == null || choice.equals(StringNode.valueOf("none"))) {
            return parameters;
        }
        Map<String, JsonNode> relaxed = new LinkedHashMap<>(parameters);
        relaxed.remove(TOOL_CHOICE);
        return relaxed;
    }
}
