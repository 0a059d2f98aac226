package dev.sluice.worker.provider.openai;

import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.Json;
import dev.sluice.worker.run.Model.Deltas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Puts the tool calls of a turn together from their pieces. Providers differ in what a piece says
/// of the call it belongs to: some leave out the index, some send the id once and some with every
/// piece, some give every call the index 0. Belongs to one thread.
final class CallPieces {
    private static final Set<String> KNOWN = Set.of("index", "id", "type", "function");

    private final Supplier<String> ids;
    private final Deltas deltas;
    private final List<Call> calls = new ArrayList<>();
    private final Map<Integer, Call> byIndex = new HashMap<>();

    CallPieces(Supplier<String> ids, Deltas deltas) {
        this.ids = ids;
        this.deltas = deltas;
    }

    /// Takes a piece; false if there is nothing in it. `whole` says that it is a call of its own,
    /// not a part of one.
    boolean add(JsonNode piece, boolean whole) {
        JsonNode function = piece.path("function");
        String name = textOf(function.path("name"));
        String arguments = textOf(function.path("arguments"));
        String providerId = textOf(piece.path("id"));
        Integer index = piece.path("index").isInt() ? piece.path("index").intValue() : null;

        Call call = whole ? null : find(index, providerId, name);
        if (call == null) {
            call = new Call(ids.get());
            calls.add(call);
            if (index != null) {
                byIndex.put(index, call);
            }
        }
        call.add(providerId, name, arguments, piece);
        return !(providerId.isEmpty() && name.isEmpty() && arguments.isEmpty())
                || piece.properties().stream()
                        .anyMatch(field ->
                                !KNOWN.contains(field.getKey())
                                        && VerbatimFields.isFilled(field.getValue()));
    }

    /// Whether there are none.
    boolean isEmpty() {
        return calls.isEmpty();
    }

    /// The calls as far as they came, in the order of their first pieces.
    List<ToolCall> calls() {
        return calls.stream().map(Call::toolCall).toList();
    }

    /// Tells of the calls whose name never came.
    void end() {
        calls.forEach(Call::announce);
    }

    private @Nullable Call find(@Nullable Integer index, String providerId, String name) {
        if (index != null) {
            Call call = byIndex.get(index);
            return call == null || call.isFollowedBy(providerId, name) ? null : call;
        }
        if (!providerId.isEmpty()) {
            for (Call call : calls) {
                if (providerId.equals(call.providerId) && !call.isFollowedBy(providerId, name)) {
                    return call;
                }
            }
            return null;
        }
        return calls.isEmpty() || !name.isEmpty() ? null : calls.getLast();
    }

    private static String textOf(JsonNode node) {
        if (node.isString()) {
            return node.stringValue();
        }
        return node.isNull() || node.isMissingNode() ? "" : node.toString();
    }

    /// One call, as far as it came.
    private final class Call {
        private final String id;
        private @Nullable String providerId;
        private String name = "";
        private final StringBuilder arguments = new StringBuilder();
        private final ObjectNode extra = Json.MAPPER.createObjectNode();
        private boolean announced;

        Call(String id) {
            this.id = id;
        }

        /// Whether a piece that seems to be of this call begins the next one: it has a name, and
        /// another id, or an id and arguments were complete before.
        boolean isFollowedBy(String nextId, String nextName) {
            if (nextName.isEmpty()) {
                return false;
            }
            if (providerId != null && !nextId.isEmpty() && !nextId.equals(providerId)) {
                return true;
            }
            // A name cannot come in a second part once arguments have, so this one is repeated or
            // another call's.
            return !arguments.isEmpty()
                    && (!nextName.equals(name) || nextId.isEmpty())
                    && isJson(arguments.toString());
        }

        void add(String newId, String newName, String moreArguments, JsonNode piece) {
            if (providerId == null && !newId.isEmpty()) {
                providerId = newId;
            }
            if (!newName.isEmpty() && arguments.isEmpty() && !newName.equals(name)) {
                name += newName;
            }
            for (Map.Entry<String, JsonNode> field : piece.properties()) {
                if (!KNOWN.contains(field.getKey()) && !field.getValue().isNull()) {
                    VerbatimFields.merge(extra, field.getKey(), field.getValue());
                }
            }
            arguments.append(moreArguments);
            if (announced) {
                if (!moreArguments.isEmpty()) {
                    deltas.toolCall(id, name, moreArguments);
                }
            } else if (!name.isEmpty()) {
                announce();
            }
        }

        void announce() {
            if (!announced) {
                announced = true;
                deltas.toolCall(id, name, arguments.toString());
            }
        }

        ToolCall toolCall() {
            return new ToolCall(
                    id, name, arguments.toString(), providerId, VerbatimFields.fieldsOf(extra));
        }

        private static boolean isJson(String text) {
            try {
                return Json.MAPPER.readTree(text).isObject();
            } catch (JacksonException _) {
                return false;
            }
        }
    }
}
