package dev.sluice.worker.run;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.journal.History;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.TraceContext;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Executes runs. Holds what they share; safe for any number of threads.
///
/// @param agents the agents, by name
/// @param models the model behind a provider's name
/// @param toolboxes the tools of an agent
/// @param continuations what clients with tools of their own come back to
public record RunEngine(
        Map<String, AgentConfig> agents,
        Function<String, Model> models,
        Function<AgentConfig, Toolbox> toolboxes,
        Continuations continuations) {

    /// An execution of a run, which has not begun.
    ///
    /// @param timeLeft until the run's deadline
    /// @param permit asked before each turn and each tool call
    /// @param history what the attempts before this one have done of it, which is not done again;
    ///   null for the first one
    public Execution prepare(
            RunRequest request,
            Duration timeLeft,
            @Nullable TraceContext trace,
            Journal journal,
            Permit permit,
            @Nullable History history) {
        return new Execution(this, request, timeLeft, trace, journal, permit, Past.of(history));
    }
}
