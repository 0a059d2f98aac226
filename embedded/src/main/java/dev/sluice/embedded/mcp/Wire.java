package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpSchema.ListToolsResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Messages to and from JSON, and listings of tools cut into pages, which the SDK's server does not
/// do.
///
/// @param toolsPerPage 0: all on one
record Wire(McpJsonMapper json, int toolsPerPage) {

    private static final TypeRef<Map<String, Object>> MAP = new TypeRef<>() {};

    static Wire paging(int toolsPerPage) {
        return new Wire(McpJsonDefaults.getMapper(), toolsPerPage);
    }

    /// The message in `text`, or none if it is no JSON-RPC.
    Optional<JSONRPCMessage> read(String text) {
        try {
            return Optional.of(McpSchema.deserializeJsonRpcMessage(json, text));
        } catch (IOException | RuntimeException _) {
            return Optional.empty();
        }
    }

    String write(Object message) {
        try {
            return json.writeValueAsString(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    <T> T convert(Object data, TypeRef<T> type) {
        return json.convertValue(data, type);
    }

    /// `message`, or the page of it that `request` asked for.
    JSONRPCMessage page(JSONRPCRequest request, JSONRPCMessage message) {
        return toolsPerPage > 0
                        && message instanceof JSONRPCResponse response
                        && response.result() instanceof ListToolsResult all
                ? JSONRPCResponse.result(response.id(), page(all.tools(), cursor(request)))
                : message;
    }

    private ListToolsResult page(List<Tool> tools, int from) {
        int start = Math.min(from, tools.size());
        int end = Math.min(start + toolsPerPage, tools.size());
        ListToolsResult.Builder page = ListToolsResult.builder(tools.subList(start, end));
        return (end < tools.size() ? page.nextCursor(Integer.toString(end)) : page).build();
    }

    private int cursor(JSONRPCRequest request) {
        Object params = request.params();
        Object cursor = params == null ? null : json.convertValue(params, MAP).get("cursor");
        try {
            return cursor == null ? 0 : Math.max(0, Integer.parseInt(cursor.toString()));
        } catch (NumberFormatException _) {
            return Integer.MAX_VALUE;
        }
    }
}
