package dev.sluice.worker.intake;

import dev.sluice.common.run.RunId;
import dev.sluice.worker.run.Model;
import dev.sluice.worker.run.ScriptedTurns;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A model that counts its calls and answers once the gate is open.
final class Gated implements Model {
    final AtomicInteger started = new AtomicInteger();
    final AtomicInteger interrupted = new AtomicInteger();
    final CountDownLatch gate;
    private final List<String> callIds = new CopyOnWriteArrayList<>();

    Gated(CountDownLatch gate) {
        this.gate = gate;
    }

    static Gated open() {
        return new Gated(new CountDownLatch(0));
    }

    static Gated closed() {
        return new Gated(new CountDownLatch(1));
    }

    /// Whether it was called for a run.
    boolean executing(RunId run) {
        return callIds.stream().anyMatch(id -> id.contains(run.suffix()));
    }

    @Override
    public Answer generate(Prompt prompt, Deltas deltas) throws InterruptedException {
        callIds.add(prompt.callIds().get());
        started.incrementAndGet();
        try {
            gate.await();
        } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw e;
        }
        return ScriptedTurns.says("hi").take(prompt, deltas);
    }
}
