package dev.sluice.worker.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.TraceContext;
import dev.sluice.worker.run.Tool;
import dev.sluice.worker.run.Toolbox;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What tests do with toolboxes.
final class Opening {
    static final TraceContext TRACE =
            new TraceContext("00-0123456789abcdef0123456789abcdef-0123456789abcdef-01", "a=b");

    private Opening() {}

    static List<Tool> tools(Toolbox toolbox) throws InterruptedException {
        return switch (toolbox.open()) {
            case Toolbox.Opened.Tools(var tools) -> tools;
            case Toolbox.Opened.Unavailable(String source) ->
                    throw new AssertionError(source + " is unavailable");
        };
    }

    static List<String> names(List<Tool> tools) {
        return tools.stream().map(tool -> tool.definition().name()).toList();
    }

    static Tool tool(Toolbox toolbox, String name) throws InterruptedException {
        List<Tool> tools = tools(toolbox);
        assertThat(names(tools)).contains(name);
        return tools.stream()
                .filter(tool -> tool.definition().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Tool.Output call(Tool tool, String arguments) throws InterruptedException {
        return tool.call(
                (ObjectNode) JsonMapper.shared().readTree(arguments.replace('\'', '"')),
                new Tool.Invocation(new RunId("run_1"), "call_1", TRACE));
    }

    static String text(Tool.Output output) {
        return output.content().stream()
                .map(part -> ((ContentPart.Text) part).text())
                .collect(Collectors.joining("\n"));
    }

    /// Calls a tool that is to succeed.
    static String ask(Toolbox toolbox, String name, String arguments) throws InterruptedException {
        Tool.Output output = call(tool(toolbox, name), arguments);
        assertThat(output.error()).as(text(output)).isFalse();
        return text(output);
    }
}
