package dev.sluice.embedded.mcp;

import dev.sluice.embedded.mcp.ToolInvocation.Outcome;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The last tool calls a server got. Thread-safe.
final class ToolJournal {

    private static final int LIMIT = 10_000;

    private final Clock clock;
    private final Deque<Entry> entries = new ArrayDeque<>();

    ToolJournal(Clock clock) {
        this.clock = clock;
    }

    synchronized Entry start(CallToolRequest request, Map<String, String> headers) {
        Entry entry = new Entry(request, headers);
        entries.addLast(entry);
        if (entries.size() > LIMIT) {
            entries.removeFirst();
        }
        return entry;
    }

    synchronized List<ToolInvocation> invocations() {
        return entries.stream().map(Entry::invocation).toList();
    }

    synchronized void clear() {
        entries.clear();
    }

    /// One call; its first end counts.
    final class Entry {

        private final CallToolRequest request;
        private final Map<String, String> headers;
        private final Instant started = clock.instant();
        private @Nullable Instant ended;
        private Outcome outcome = Outcome.RUNNING;

        private Entry(CallToolRequest request, Map<String, String> headers) {
            this.request = request;
            this.headers = headers;
        }

        void end(Outcome how) {
            synchronized (ToolJournal.this) {
                if (ended == null) {
                    ended = clock.instant();
                    outcome = how;
                }
            }
        }

        private ToolInvocation invocation() {
            return new ToolInvocation(
                    request.name(),
                    copy(request.arguments()),
                    copy(request.meta()),
                    headers,
                    started,
                    ended,
                    outcome);
        }

        /// A JSON object may hold nulls, which `Map.copyOf` refuses.
        private static Map<String, Object> copy(@Nullable Map<String, Object> map) {
            return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
        }
    }
}
