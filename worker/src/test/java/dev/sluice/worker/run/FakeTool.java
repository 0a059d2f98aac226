package dev.sluice.worker.run;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.ToolDefinition;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// A tool that does what a test says.
public record FakeTool(String name, boolean repeatable, Body body) implements Tool {
    /// One whose calls may not be made twice.
    public FakeTool(String name, Body body) {
        this(name, false, body);
    }

    /// What a tool does.
    @FunctionalInterface
    public interface Body {
        /// Does it.
        Output call(ObjectNode arguments, Invocation invocation) throws InterruptedException;
    }

    /// A tool that answers its own name and arguments.
    public static FakeTool echo(String name) {
        return new FakeTool(name, (arguments, _) -> text(name + " " + arguments));
    }

    /// An output of one text.
    public static Output text(String text) {
        return new Output(List.of(new ContentPart.Text(text)), false);
    }

    @Override
    public ToolDefinition definition() {
        return new ToolDefinition(name, null, null, Map.of());
    }

    @Override
    public Output call(ObjectNode arguments, Invocation invocation) throws InterruptedException {
        return body.call(arguments, invocation);
    }
}
