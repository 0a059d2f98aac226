package dev.sluice.worker.journal;

import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import java.util.ArrayList;
import java.util.List;

/// What a journal's listener was told.
final class Heard implements KafkaJournal.Listener {
    final List<RunEvent> sent = new ArrayList<>();
    final List<RunEvent> began = new ArrayList<>();
    final List<StepOffset> steps = new ArrayList<>();

    @Override
    public void sent(Reply event) {
        sent.add(event.event());
    }

    @Override
    public void began(Reply beginning) {
        began.add(beginning.event());
    }

    @Override
    public void step(Reply step, StepOffset where) {
        steps.add(where);
    }
}
