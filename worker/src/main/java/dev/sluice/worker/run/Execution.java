package dev.sluice.worker.run;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.TurnCompleted;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.common.run.TraceContext;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One attempt at a run, from its request to its end. Confined to one virtual thread, but for
/// [#usage()].
public final class Execution {
    private final RunEngine engine;
    private final RunRequest request;
    private final long deadline;
    private final @Nullable TraceContext trace;
    private final Journal journal;
    private final Permit permit;
    private final Past past;
    private final Set<String> clientTools;
    private volatile Usage usage;

    Execution(
            RunEngine engine,
            RunRequest request,
            Duration timeLeft,
            @Nullable TraceContext trace,
            Journal journal,
            Permit permit,
            Past past) {
        this.engine = engine;
        this.request = request;
        this.deadline = System.nanoTime() + timeLeft.toNanos();
        this.trace = trace;
        this.journal = journal;
        this.permit = permit;
        this.past = past;
        this.clientTools =
                request.tools().stream().map(ToolDefinition::name).collect(Collectors.toSet());
        this.usage = past.usage();
    }

    /// Calls the server-side tools of a turn, or knows what they came to.
    private interface Round {
        List<ToolResult> call(List<ToolCall> calls) throws InterruptedException;
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
        Conversation conversation = begin(agent);
        TurnCompleted latest = past.latest();
        if (latest != null && isSettled(agent, latest)) {
            RunEvent end = follow(agent, latest, conversation, past::resultsOf);
            if (end != null) {
                return end;
            }
            latest = null;
        }
        return switch (engine.toolboxes().apply(agent).open()) {
            case Toolbox.Opened.Unavailable(String source) ->
                    failed(new Failure.ToolSourceUnavailable(source));
            case Toolbox.Opened.Tools(List<Tool> tools) ->
                    execute(agent, tools, conversation, latest);
        };
    }

    /// The tokens of the turns so far, those of earlier attempts included.
    public Usage usage() {
        return usage;
    }

    /// The conversation up to the last complete turn, which is still to be followed.
    private Conversation begin(AgentConfig agent) throws InterruptedException {
        List<String> handedOut = Conversation.handedOut(request.messages());
        Map<String, List<Message>> kept =
                handedOut.isEmpty()
                        ? Map.of()
                        : engine.continuations().find(request.key(), handedOut);
        Conversation conversation = Conversation.begin(agent, request.messages(), kept);
        for (TurnCompleted turn : past.followed()) {
            conversation.add(turn.message());
            conversation.add(Message.results(past.resultsOf(turn.message().toolCalls())));
        }
        return conversation;
    }

    /// @param interrupted the last complete turn, if not all of its tools came to their end
    private RunEvent execute(
            AgentConfig agent,
            List<Tool> tools,
            Conversation conversation,
            @Nullable TurnCompleted interrupted)
            throws InterruptedException {
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
        ToolRound round = new ToolRound(request.run(), trace, byName, journal, permit);
        if (interrupted != null) {
            RunEvent end =
                    follow(
                            agent,
                            interrupted,
                            conversation,
                            calls -> round.resume(interrupted.turn(), calls, past.results()));
            if (end != null) {
                return end;
            }
        }
        return turns(agent, byName.values(), round, conversation);
    }

    /// Turn after turn, until one ends the run. A turn beyond the last one that may call tools has
    /// none on offer, and so must answer.
    private RunEvent turns(
            AgentConfig agent, Collection<Tool> tools, ToolRound round, Conversation conversation)
            throws InterruptedException {
        List<ToolDefinition> offered = new ArrayList<>();
        tools.forEach(tool -> offered.add(tool.definition()));
        offered.addAll(request.tools());
        Turns turns =
                new Turns(
                        request,
                        agent,
                        engine.models().apply(agent.provider()),
                        offered,
                        deadline,
                        trace,
                        journal);
        List<RunEvent> told = past.open();
        for (int number = past.next(); ; number++) {
            permit.await();
            switch (turns.take(number, conversation, told)) {
                case Model.Answer.Failed(Failure failure, Usage spent) -> {
                    usage = usage.plus(spent);
                    return failed(failure);
                }
                case Model.Answer.Turn answer -> {
                    usage = usage.plus(answer.usage());
                    TurnCompleted turn =
                            new TurnCompleted(
                                    number,
                                    answer.message(),
                                    answer.finishReason(),
                                    answer.usage(),
                                    answer.model());
                    write(agent, turn);
                    RunEvent end =
                            follow(
                                    agent,
                                    turn,
                                    conversation,
                                    calls -> round.call(turn.turn(), calls));
                    if (end != null) {
                        return end;
                    }
                }
            }
            told = List.of();
        }
    }

    /// No tool is called before its turn cannot be lost any more.
    private void write(AgentConfig agent, TurnCompleted turn) throws InterruptedException {
        if (answers(agent, turn) || ours(turn).isEmpty()) {
            journal.tell(turn);
        } else {
            journal.commit(turn);
        }
    }

    /// Takes a complete turn into the conversation and has its tools called. Returns the run's end
    /// if this was its last turn, else null.
    private @Nullable RunEvent follow(
            AgentConfig agent, TurnCompleted turn, Conversation conversation, Round round)
            throws InterruptedException {
        if (answers(agent, turn)) {
            boolean forced = isLast(agent, turn) && !isCut(turn);
            return new RunEvent.RunCompleted(
                    forced ? FinishReason.STOP : turn.finishReason(), usage);
        }
        List<ToolCall> ours = ours(turn);
        conversation.add(turn.message());
        if (!ours.isEmpty()) {
            conversation.add(Message.results(round.call(ours)));
        }
        List<String> theirs =
                turn.message().toolCalls().stream()
                        .filter(this::isClients)
                        .map(ToolCall::id)
                        .toList();
        if (theirs.isEmpty()) {
            return null;
        }
        engine.continuations().keep(request.key(), theirs, conversation.added());
        return new RunEvent.RunCompleted(FinishReason.TOOL_CALLS, usage);
    }

    /// Whether the run ends with what this turn says.
    private boolean answers(AgentConfig agent, TurnCompleted turn) {
        return turn.message().toolCalls().isEmpty() || isCut(turn) || isLast(agent, turn);
    }

    /// A turn that was cut by a limit may have cut its last call's arguments, too.
    private static boolean isCut(TurnCompleted turn) {
        return turn.finishReason() != FinishReason.TOOL_CALLS;
    }

    /// Whether this turn had no tools on offer. One whose tools were called had some, whatever the
    /// agent's configuration has become since.
    private boolean isLast(AgentConfig agent, TurnCompleted turn) {
        return turn.turn() > agent.maxTurns()
                && past.resultsOf(turn.message().toolCalls()).isEmpty();
    }

    /// Whether a turn of an earlier attempt can be followed without calling a tool.
    private boolean isSettled(AgentConfig agent, TurnCompleted turn) {
        return answers(agent, turn) || past.holds(ours(turn));
    }

    private List<ToolCall> ours(TurnCompleted turn) {
        return turn.message().toolCalls().stream().filter(call -> !isClients(call)).toList();
    }

    private boolean isClients(ToolCall call) {
        return clientTools.contains(call.name());
    }

    private RunEvent failed(Failure failure) {
        return new RunEvent.RunFailed(failure, usage);
    }
}
