package dev.sluice.worker.audit;

import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What was told of a turn that has not come to its end.
///
/// @param attempt the one that told the last piece; 0 where nothing was told
/// @param seq that piece's number
/// @param at when it was told
/// @param characters how many there are in all, those of the attempts before included: an attempt
///   that takes a turn again has the model say them again
record OpenTurn(int attempt, long seq, Instant at, long characters) {
    static final OpenTurn NONE = new OpenTurn(0, 0, Instant.EPOCH, 0);

    /// What is open when this was told, too.
    OpenTurn after(Reply reply) {
        RunEvent event = reply.event();
        if (event.piece()) {
            return new OpenTurn(
                    reply.attempt(),
                    reply.seq(),
                    reply.at(),
                    characters + Estimate.characters(event));
        }
        return event.step() || event instanceof RunEvent.TurnReset ? NONE : this;
    }

    /// How it stood after the last piece of each attempt that told any.
    static List<OpenTurn> byAttempt(List<Reply> pieces) {
        List<OpenTurn> turns = new ArrayList<>();
        for (Reply piece : pieces) {
            OpenTurn before = turns.isEmpty() ? NONE : turns.getLast();
            if (before.attempt == piece.attempt()) {
                turns.removeLast();
            }
            turns.add(before.after(piece));
        }
        return turns;
    }
}
