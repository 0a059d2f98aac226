package dev.sluice.worker.provider.openai;

import dev.sluice.worker.run.Model.Deltas;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Deltas as lines, in the order they came.
public final class Heard implements Deltas {
    public final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private volatile Runnable onText = () -> {};
    private volatile Runnable onFlush = () -> {};

    /// Has something done with every text.
    public Heard onText(Runnable action) {
        onText = action;
        return this;
    }

    /// Has something done with every flush.
    public Heard onFlush(Runnable action) {
        onFlush = action;
        return this;
    }

    @Override
    public void text(String text) {
        lines.add("text " + text);
        onText.run();
    }

    @Override
    public void reasoning(String text) {
        lines.add("reasoning " + text);
    }

    @Override
    public void refusal(String text) {
        lines.add("refusal " + text);
    }

    @Override
    public void toolCall(String id, String name, String arguments) {
        lines.add("call %s %s %s".formatted(id, name, arguments).strip());
    }

    @Override
    public void verbatim(
            Map<String, JsonNode> chunk,
            Map<String, JsonNode> choice,
            Map<String, JsonNode> delta) {
        lines.add("verbatim %s %s %s".formatted(chunk, choice, delta));
    }

    @Override
    public void flush() {
        onFlush.run();
    }
}
