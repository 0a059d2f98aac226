package dev.sluice.standalone.cli;

import dev.sluice.embedded.model.Script;
import dev.sluice.embedded.model.ScriptedModel;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `model`: the scripted model on its own.
@Command(
        name = "model",
        description =
                "Serves a scripted model: an OpenAI-compatible server that answers from a script,"
                        + " for tests and demonstrations.")
final class ModelCommand implements Callable<Integer> {
    private final Lifetime lifetime;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8090",
            description = "The port to serve; 0 takes a free one. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Port port;

    @Option(
            names = "--script",
            paramLabel = "FILE",
            description = "The script, YAML. Default: the demo's")
    private @Nullable ReadableFile script;

    ModelCommand(Lifetime lifetime) {
        this.lifetime = lifetime;
    }

    @Override
    public Integer call() throws Exception {
        Script plays = script == null ? Script.demo() : Script.load(script.path());
        return lifetime.serve(() -> {
            var model = port.bind(() -> ScriptedModel.start(plays, port.number()));
            return new Lifetime.Running(model.baseUrl().toString(), model);
        });
    }
}
