package dev.sluice.worker.run;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.common.run.TraceContext;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One attempt at a run, from its request to its end. Confined to one virtual thread, but for
/// [#usage()].
public final class Execution {
    private final RunEngine engine;
    private final RunRequest request;
    private final long deadline;
    private final @Nullable TraceContext trace;
    private final Journal journal;
    private final Set<String> clientTools;
    private final CallIds callIds;
    private volatile Usage usage = Usage.NONE;

    Execution(
            RunEngine engine,
            RunRequest request,
            Duration timeLeft,
            @Nullable TraceContext trace,
            Journal journal) {
        this.engine = engine;
        this.request = request;
        this.deadline = System.nanoTime() + timeLeft.toNanos();
        this.trace = trace;
        this.journal = journal;
        this.clientTools =
                request.tools().stream().map(ToolDefinition::name).collect(Collectors.toSet());
        this.callIds = new CallIds(request.run());
    }

    /// Executes the run and tells the journal of everything but the end, which it returns.
    ///
    /// @throws InterruptedException if the run is to stop
    /// @throws Journal.LostException if the journal could not be written
    public RunEvent execute() throws InterruptedException {
        AgentConfig agent = engine.agents().get(request.agent());
        if (agent == null) {
            return failed(new Failure.AgentNotFound(request.agent()));
        }
        return switch (engine.toolboxes().apply(agent).open()) {
            case Toolbox.Opened.Unavailable(String source) ->
                    failed(new Failure.ToolSourceUnavailable(source));
            case Toolbox.Opened.Tools(List<Tool> tools) -> execute(agent, tools);
        };
    }

    /// The tokens of the turns so far.
    public Usage usage() {
        return usage;
    }

    private RunEvent execute(AgentConfig agent, List<Tool> tools) throws InterruptedException {
        Map<String, Tool> byName = new LinkedHashMap<>();
        tools.forEach(tool -> byName.put(tool.definition().name(), tool));
        for (int i = 0; i < request.tools().size(); i++) {
            String name = request.tools().get(i).name();
            if (byName.containsKey(name)) {
                return failed(
                        new Failure.InvalidRequest(
                                "tools[%d].function.name".formatted(i),
                                "The agent has a tool of its own named '%s'.".formatted(name)));
            }
        }
        return turns(agent, byName, begin(agent));
    }

    private Conversation begin(AgentConfig agent) throws InterruptedException {
        List<String> handedOut = Conversation.handedOut(request.messages());
        Map<String, List<Message>> kept =
                handedOut.isEmpty()
                        ? Map.of()
                        : engine.continuations().find(request.key(), handedOut);
        return Conversation.begin(agent, request.messages(), kept);
    }

    /// Turn after turn, until one ends the run. A turn beyond the last one that may call tools has
    /// none on offer, and so must answer.
    private RunEvent turns(AgentConfig agent, Map<String, Tool> tools, Conversation conversation)
            throws InterruptedException {
        Model model = engine.models().apply(agent.provider());
        ToolRound round = new ToolRound(request.run(), trace, tools, journal);
        List<ToolDefinition> offered = new ArrayList<>();
        tools.values().forEach(tool -> offered.add(tool.definition()));
        offered.addAll(request.tools());
        Map<String, JsonNode> parameters =
                Parameters.merge(agent.parameters(), request.parameters());
        for (int turn = 1; ; turn++) {
            boolean last = turn > agent.maxTurns();
            Model.Prompt prompt =
                    new Model.Prompt(
                            agent.model(),
                            conversation.messages(),
                            last ? List.of() : offered,
                            turn == 1 ? parameters : Parameters.afterTools(parameters),
                            callIds,
                            Duration.ofNanos(deadline - System.nanoTime()),
                            trace);
            switch (model.generate(
                    prompt, new TurnDeltas(turn, last ? Set.of() : clientTools, journal))) {
                case Model.Answer.Failed(Failure failure, Usage spent) -> {
                    usage = usage.plus(spent);
                    return failed(failure);
                }
                case Model.Answer.Turn answer -> {
                    usage = usage.plus(answer.usage());
                    RunEvent end = take(turn, answer, round, conversation, last);
                    if (end != null) {
                        return end;
                    }
                }
            }
        }
    }

    /// Takes a turn into the journal and the conversation and calls its tools. Returns the run's
    /// end if this was its last turn, else null.
    private @Nullable RunEvent take(
            int turn,
            Model.Answer.Turn answer,
            ToolRound round,
            Conversation conversation,
            boolean last)
            throws InterruptedException {
        RunEvent.TurnCompleted step =
                new RunEvent.TurnCompleted(
                        turn,
                        answer.message(),
                        answer.finishReason(),
                        answer.usage(),
                        answer.model());
        List<ToolCall> calls = answer.message().toolCalls();
        // A turn that was cut by a limit may have cut its last call's arguments, too.
        boolean cut = answer.finishReason() != FinishReason.TOOL_CALLS;
        if (calls.isEmpty() || cut || last) {
            journal.tell(step);
            return new RunEvent.RunCompleted(
                    last && !cut ? FinishReason.STOP : answer.finishReason(), usage);
        }
        List<ToolCall> ours = calls.stream().filter(call -> !isClients(call)).toList();
        List<ToolCall> theirs = calls.stream().filter(this::isClients).toList();
        conversation.add(answer.message());
        if (ours.isEmpty()) {
            journal.tell(step);
        } else {
            journal.commit(step);
            List<ToolResult> results = round.call(turn, ours);
            conversation.add(Message.results(results));
        }
        if (theirs.isEmpty()) {
            return null;
        }
        engine.continuations()
                .keep(
                        request.key(),
                        theirs.stream().map(ToolCall::id).toList(),
                        conversation.added());
        return new RunEvent.RunCompleted(FinishReason.TOOL_CALLS, usage);
    }

    private boolean isClients(ToolCall call) {
        return clientTools.contains(call.name());
    }

    private RunEvent failed(Failure failure) {
        return new RunEvent.RunFailed(failure, usage);
    }
}
