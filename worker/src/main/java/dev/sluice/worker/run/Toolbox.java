package dev.sluice.worker.run;

import java.util.List;

/// The tools an agent may use on our side.
public interface Toolbox {

    /// Lists them, connecting to their sources where that has not been done. Blocks the calling
    /// virtual thread.
    ///
    /// @throws InterruptedException if the run is to stop
    Opened open() throws InterruptedException;

    /// What listing came to.
    sealed interface Opened {
        /// The tools, in a fixed order.
        record Tools(List<Tool> tools) implements Opened {
            public Tools {
                tools = List.copyOf(tools);
            }
        }

        /// A source that the agent needs cannot be started or reached.
        record Unavailable(String source) implements Opened {}
    }
}
