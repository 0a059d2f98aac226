package dev.sluice.worker.run;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/// A model that takes the turns of a script, one after the other, and remembers what it was asked.
public final class ScriptedTurns implements Model {
    /// What each turn of [#says] and [#calls] is said to have cost.
    public static final Usage COST = new Usage(10, 3, 2, 1);

    private final Queue<Step> steps = new ConcurrentLinkedQueue<>();
    private final List<Prompt> prompts = new CopyOnWriteArrayList<>();

    /// Whether it says so.
    boolean takesPrefill;

    /// One turn.
    @FunctionalInterface
    public interface Step {
        /// Takes it.
        Answer take(Prompt prompt, Deltas deltas) throws InterruptedException;
    }

    /// A call that a turn makes.
    public record Call(String tool, String arguments) {}

    /// Adds a turn.
    public ScriptedTurns then(Step step) {
        steps.add(step);
        return this;
    }

    /// A turn that says this, and with it all there is to say.
    public static Step says(String text) {
        return ends(FinishReason.STOP, text);
    }

    /// A turn that calls tools.
    public static Step calls(Call... calls) {
        return ends(FinishReason.TOOL_CALLS, "", calls);
    }

    /// A turn that says something, calls tools and ends for this reason.
    public static Step ends(FinishReason reason, String text, Call... calls) {
        return (prompt, deltas) -> {
            List<ContentPart> parts = new ArrayList<>();
            if (!text.isEmpty()) {
                deltas.text(text);
                parts.add(new ContentPart.Text(text));
            }
            for (Call call : calls) {
                String id = prompt.callIds().get();
                deltas.toolCall(id, call.tool(), "");
                deltas.toolCall(id, call.tool(), call.arguments());
                parts.add(
                        new ContentPart.ToolCall(
                                id, call.tool(), call.arguments(), "call_0", Map.of()));
            }
            return new Answer.Turn(
                    new Message(Message.Role.ASSISTANT, parts), reason, COST, "model-1");
        };
    }

    /// A turn that fails, having cost this much.
    public static Step fails(Failure failure, Usage usage) {
        return (_, _) -> new Answer.Failed(failure, usage);
    }

    @Override
    public boolean takesPrefill() {
        return takesPrefill;
    }

    @Override
    public Answer generate(Prompt prompt, Deltas deltas) throws InterruptedException {
        prompts.add(prompt);
        Step step = steps.poll();
        if (step == null) {
            throw new IllegalStateException("the script has no turn " + prompts.size());
        }
        return step.take(prompt, deltas);
    }

    /// What it was asked, turn by turn.
    public List<Prompt> prompts() {
        return List.copyOf(prompts);
    }
}
