package dev.sluice.worker.run;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.RunEvent.ToolCompleted.Cause;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.common.run.TraceContext;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A tool that is called on our side. Safe for any number of threads.
public interface Tool {
    /// What the model is told of it; its name is unique in its [Toolbox].
    ToolDefinition definition();

    /// Whether a call whose outcome is unknown may be made again: the tool only reads, or says that
    /// a repeated call changes nothing.
    boolean repeatable();

    /// Calls the tool. Blocks the calling virtual thread. A tool that fails, times out or refuses
    /// its arguments returns an [Output] that tells the model so.
    ///
    /// @throws InterruptedException if the run is to stop; the call is then cancelled at its source
    Output call(ObjectNode arguments, Invocation invocation) throws InterruptedException;

    /// Who calls.
    ///
    /// @param callId the call's unique id; with `run`, the idempotency key where a protocol has a
    ///   place for one
    record Invocation(RunId run, String callId, @Nullable TraceContext trace) {}

    /// What a call came to.
    ///
    /// @param cause why it is not what the tool itself came to; null where it is
    record Output(List<ContentPart> content, boolean error, @Nullable Cause cause) {
        public Output {
            content = List.copyOf(content);
        }

        /// What the tool itself came to.
        public Output(List<ContentPart> content, boolean error) {
            this(content, error, null);
        }

        /// A failure, in words for the model.
        public static Output error(String text) {
            return error(text, null);
        }

        /// One of that cause.
        public static Output error(String text, @Nullable Cause cause) {
            return new Output(List.of(new ContentPart.Text(text)), true, cause);
        }
    }
}
