package dev.sluice.worker.tool;

import static org.awaitility.Awaitility.await;

import dev.sluice.worker.run.Tool;
import java.util.concurrent.FutureTask;

/// A tool call on a thread of its own.
record Background(Thread thread, FutureTask<Tool.Output> output) {

    /// Begins a call and returns once it waits for its answer.
    static Background call(Tool tool, String arguments) {
        FutureTask<Tool.Output> output = new FutureTask<>(() -> Opening.call(tool, arguments));
        Thread thread = Thread.ofVirtual().start(output);
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return new Background(thread, output);
    }
}
