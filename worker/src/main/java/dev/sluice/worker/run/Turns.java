package dev.sluice.worker.run;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.common.run.TraceContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Has a model take the turns of a run, and tells the journal meanwhile what it says.
final class Turns {
    private final RunRequest request;
    private final AgentConfig agent;
    private final Model model;
    private final List<ToolDefinition> offered;
    private final Map<String, JsonNode> parameters;
    private final Set<String> clientTools;
    private final long deadline;
    private final @Nullable TraceContext trace;
    private final Journal journal;

    /// @param offered the tools that the model may call, until the turn that must answer
    /// @param deadline when the run must have ended, in the terms of [System#nanoTime()]
    Turns(
            RunRequest request,
            AgentConfig agent,
            Model model,
            List<ToolDefinition> offered,
            long deadline,
            @Nullable TraceContext trace,
            Journal journal) {
        this.request = request;
        this.agent = agent;
        this.model = model;
        this.offered = offered;
        this.parameters = Parameters.merge(agent.parameters(), request.parameters());
        this.clientTools =
                request.tools().stream()
                        .map(ToolDefinition::name)
                        .collect(Collectors.toUnmodifiableSet());
        this.deadline = deadline;
        this.trace = trace;
        this.journal = journal;
    }

    /// Takes the turn to which the conversation has come.
    ///
    /// @param told what was told of it before a crash, which is not told again
    Model.Answer take(int turn, Conversation conversation, List<RunEvent> told)
            throws InterruptedException {
        if (told.isEmpty()) {
            return ask(turn, conversation, null, journal::tell);
        }
        Prefill prefill = model.takesPrefill() ? Prefill.of(told) : null;
        if (prefill != null) {
            return switch (ask(turn, conversation, prefill, journal::tell)) {
                case Model.Answer.Turn continuation -> prefill.before(continuation);
                case Model.Answer.Failed failed -> failed;
            };
        }
        Repetition repetition = new Repetition(turn, told, journal::tell);
        Model.Answer answer = ask(turn, conversation, null, repetition);
        if (answer instanceof Model.Answer.Turn) {
            repetition.end();
        }
        return answer;
    }

    private Model.Answer ask(
            int turn,
            Conversation conversation,
            @Nullable Prefill prefill,
            Consumer<RunEvent> events)
            throws InterruptedException {
        List<Message> messages = new ArrayList<>(conversation.messages());
        if (prefill != null) {
            messages.add(prefill.message());
        }
        boolean last = turn > agent.maxTurns();
        Model.Prompt prompt =
                new Model.Prompt(
                        agent.model(),
                        messages,
                        last ? List.of() : offered,
                        turn == 1 ? parameters : Parameters.afterTools(parameters),
                        new CallIds(request.run(), conversation.calls()),
                        Duration.ofNanos(deadline - System.nanoTime()),
                        trace);
        return model.generate(
                prompt,
                new TurnDeltas(turn, last ? Set.of() : clientTools, events, journal::flush));
    }
}
