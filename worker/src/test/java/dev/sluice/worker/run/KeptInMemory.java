package dev.sluice.worker.run;

import dev.sluice.common.run.Message;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Continuations in memory.
public final class KeptInMemory implements Continuations {
    private final Map<String, List<Message>> kept = new ConcurrentHashMap<>();

    @Override
    public void keep(@Nullable String key, List<String> callIds, List<Message> unseen) {
        callIds.forEach(id -> kept.put(key + "/" + id, unseen));
    }

    @Override
    public Map<String, List<Message>> find(@Nullable String key, Collection<String> callIds) {
        Map<String, List<Message>> found = new HashMap<>();
        for (String id : callIds) {
            List<Message> unseen = kept.get(key + "/" + id);
            if (unseen != null) {
                found.put(id, unseen);
            }
        }
        return found;
    }

    /// Drops what is kept under a call's id, as time does.
    public void forget(String callId) {
        kept.keySet().removeIf(entry -> entry.endsWith("/" + callId));
    }

    /// How many entries there are.
    public int size() {
        return kept.size();
    }
}
