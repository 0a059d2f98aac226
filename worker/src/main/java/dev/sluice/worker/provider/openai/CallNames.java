package dev.sluice.worker.provider.openai;

import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.Message;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the tool calls of a conversation are called towards the provider: as the provider called
/// them, unless it has used a name twice (many begin again at `call_0` with every turn). Then all
/// go by the unique ids that Sluice gave them, for only their consistency matters.
final class CallNames {
    private final Map<String, String> names;

    private CallNames(Map<String, String> names) {
        this.names = names;
    }

    static CallNames of(List<Message> conversation) {
        Map<String, String> names = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (Message message : conversation) {
            for (ToolCall call : message.toolCalls()) {
                String name = call.providerId() == null ? call.id() : call.providerId();
                if (!taken.add(name)) {
                    return new CallNames(Map.of());
                }
                names.put(call.id(), name);
            }
        }
        return new CallNames(names);
    }

    /// The name of the call with this unique id.
    String of(String callId) {
        return names.getOrDefault(callId, callId);
    }
}
