package dev.sluice.worker.provider;

import dev.sluice.worker.run.Model.Deltas;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Hands deltas on, and knows of the first piece of the answer how long it took.
final class FirstPiece implements Deltas {
    private final Deltas deltas;
    private final CallMeters meters;
    private final long start = System.nanoTime();
    private boolean measured;

    FirstPiece(Deltas deltas, CallMeters meters) {
        this.deltas = deltas;
        this.meters = meters;
    }

    @Override
    public void text(String text) {
        measure();
        deltas.text(text);
    }

    @Override
    public void reasoning(String text) {
        measure();
        deltas.reasoning(text);
    }

    @Override
    public void refusal(String text) {
        measure();
        deltas.refusal(text);
    }

    @Override
    public void toolCall(String id, String name, String arguments) {
        measure();
        deltas.toolCall(id, name, arguments);
    }

    @Override
    public void verbatim(
            Map<String, JsonNode> chunk,
            Map<String, JsonNode> choice,
            Map<String, JsonNode> delta) {
        deltas.verbatim(chunk, choice, delta);
    }

    @Override
    public void flush() {
        deltas.flush();
    }

    /// Whether there was one.
    boolean begun() {
        return measured;
    }

    private void measure() {
        if (!measured) {
            measured = true;
            meters.firstToken(Duration.ofNanos(System.nanoTime() - start));
        }
    }
}
