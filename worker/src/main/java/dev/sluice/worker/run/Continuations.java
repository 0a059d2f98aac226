package dev.sluice.worker.run;

import dev.sluice.common.run.Message;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Keeps what a client does not get to see of a run that ended with calls of the client's own
/// tools: the server-side turns and results, under the ids of those calls and scoped to the
/// client's key. The request that brings the results takes up there.
public interface Continuations {
    /// Keeps `unseen` under each of the ids. Blocks.
    void keep(@Nullable String key, List<String> callIds, List<Message> unseen)
            throws InterruptedException;

    /// What is kept under these ids, as far as it still is. Blocks.
    Map<String, List<Message>> find(@Nullable String key, Collection<String> callIds)
            throws InterruptedException;
}
