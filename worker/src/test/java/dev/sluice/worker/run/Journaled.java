package dev.sluice.worker.run;

import dev.sluice.common.journal.History;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a reader of the journal finds after these events.
final class Journaled {
    private Journaled() {}

    static History of(RunEvent... events) {
        return of(List.of(events));
    }

    static History of(List<RunEvent> events) {
        List<Reply> steps = new ArrayList<>();
        List<Reply> open = new ArrayList<>();
        AttemptRule rule = new AttemptRule();
        rule.counts(reply(0, new RunEvent.AttemptStarted("worker-1")));
        for (RunEvent event : events) {
            Reply reply = reply(rule.last() + 1, event);
            if (!rule.counts(reply)) {
                throw new IllegalArgumentException("does not count: " + event);
            }
            if (event.step()) {
                steps.add(reply);
            }
            if (event.step() || event instanceof RunEvent.TurnReset) {
                open.clear();
            } else if (event.piece()) {
                open.add(reply);
            }
        }
        return new History(steps, open, List.of(), rule, null);
    }

    private static Reply reply(long seq, RunEvent event) {
        return new Reply(RunId.at(1), 1, "claim", seq, Instant.EPOCH, event);
    }
}
