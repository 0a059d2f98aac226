package dev.sluice.worker.run;

import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.ProviderDelta;
import dev.sluice.common.run.RunEvent.ReasoningDelta;
import dev.sluice.common.run.RunEvent.RefusalDelta;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunEvent.ToolCallDelta;
import dev.sluice.common.run.RunEvent.TurnReset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/// Lets pass, of a turn that is taken again after a crash, what was not told before.
///
/// What the model says is held back while it repeats what was told, each kind on its own and
/// wherever the pieces are cut. Once all of that was repeated, the rest passes. At the first
/// difference, or where the answer ends too soon, what was told is declared void, and all of the
/// new passes instead. A provider's own fields are taken for repeated as long as anything is held
/// back. The events come one at a time, as those of [Model.Deltas] do.
final class Repetition implements Consumer<RunEvent> {
    private final int turn;
    private final Consumer<RunEvent> events;
    private final Told text = new Told();
    private final Told reasoning = new Told();
    private final Told refusal = new Told();
    private final Map<Integer, ToldCall> calls = new HashMap<>();
    private final Deque<ProviderDelta> fields = new ArrayDeque<>();

    private final List<RunEvent> said = new ArrayList<>();
    private final List<RunEvent> rest = new ArrayList<>();
    private boolean holding;

    /// @param told what was told of the turn before
    /// @param events is given what is to be told now
    Repetition(int turn, List<RunEvent> told, Consumer<RunEvent> events) {
        this.turn = turn;
        this.events = events;
        told.forEach(this::recall);
        holding = !allRepeated();
    }

    @Override
    public void accept(RunEvent event) {
        if (!holding) {
            pass(event);
            return;
        }
        said.add(event);
        if (!repeats(event)) {
            reset();
        } else if (allRepeated()) {
            release(rest);
        }
    }

    /// The answer is complete.
    void end() {
        if (holding) {
            reset();
        }
    }

    private void reset() {
        fields.clear();
        events.accept(new TurnReset(turn));
        release(said);
    }

    private void release(List<RunEvent> held) {
        holding = false;
        held.forEach(events);
        said.clear();
        rest.clear();
    }

    /// Lets an event pass, unless it is another one of the fields that were told last.
    private void pass(RunEvent event) {
        if (event instanceof ProviderDelta && !fields.isEmpty()) {
            if (event.equals(fields.poll())) {
                return;
            }
            fields.clear();
        }
        events.accept(event);
    }

    private void recall(RunEvent event) {
        switch (event) {
            case TextDelta(_, String piece) -> text.told.append(piece);
            case ReasoningDelta(_, String piece) -> reasoning.told.append(piece);
            case RefusalDelta(_, String piece) -> refusal.told.append(piece);
            case ToolCallDelta call ->
                    calls.computeIfAbsent(call.index(), _ -> new ToldCall(call))
                            .arguments
                            .told
                            .append(call.arguments());
            case ProviderDelta delta -> fields.add(delta);
            case RunEvent other -> throw new IllegalArgumentException("not a piece: " + other);
        }
    }

    /// Whether an event repeats what was told, as far as that goes; what goes beyond is kept.
    private boolean repeats(RunEvent event) {
        return switch (event) {
            case TextDelta(_, String piece) ->
                    repeats(text, piece, more -> new TextDelta(turn, more));
            case ReasoningDelta(_, String piece) ->
                    repeats(reasoning, piece, more -> new ReasoningDelta(turn, more));
            case RefusalDelta(_, String piece) ->
                    repeats(refusal, piece, more -> new RefusalDelta(turn, more));
            case ToolCallDelta call -> repeats(call);
            case ProviderDelta _ -> {
                fields.poll();
                yield true;
            }
            case RunEvent other -> throw new IllegalArgumentException("not a piece: " + other);
        };
    }

    private boolean repeats(ToolCallDelta call) {
        ToldCall before = calls.get(call.index());
        if (before == null) {
            rest.add(call);
            return true;
        }
        before.repeated = true;
        return before.isNamedLike(call)
                && repeats(
                        before.arguments,
                        call.arguments(),
                        more -> new ToolCallDelta(turn, call.index(), call.callId(), null, more));
    }

    private boolean repeats(Told before, String piece, Function<String, RunEvent> beyond) {
        int covered = Math.min(piece.length(), before.left());
        if (!before.matches(piece, covered)) {
            return false;
        }
        if (covered < piece.length()) {
            rest.add(beyond.apply(piece.substring(covered)));
        }
        return true;
    }

    private boolean allRepeated() {
        return text.left() == 0
                && reasoning.left() == 0
                && refusal.left() == 0
                && calls.values().stream()
                        .allMatch(call -> call.repeated && call.arguments.left() == 0);
    }

    /// What was told of one kind, and how much of it was repeated.
    private static final class Told {
        private final StringBuilder told = new StringBuilder();
        private int repeated;

        int left() {
            return told.length() - repeated;
        }

        /// Whether the first characters of a piece are those that come next, which are then
        /// repeated.
        boolean matches(String piece, int length) {
            for (int i = 0; i < length; i++) {
                if (piece.charAt(i) != told.charAt(repeated + i)) {
                    return false;
                }
            }
            repeated += length;
            return true;
        }
    }

    /// What was told of a call.
    private static final class ToldCall {
        private final ToolCallDelta first;
        private final Told arguments = new Told();
        private boolean repeated;

        ToldCall(ToolCallDelta first) {
            this.first = first;
        }

        boolean isNamedLike(ToolCallDelta piece) {
            return piece.callId().equals(first.callId())
                    && (piece.name() == null || piece.name().equals(first.name()));
        }
    }
}
