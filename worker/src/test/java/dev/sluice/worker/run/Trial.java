package dev.sluice.worker.run;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.config.ToolFilter;
import dev.sluice.common.journal.History;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.ToolDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An engine with fakes at its seams, and a request for it that a test fills in.
final class Trial {
    static final String AGENT = "helper";

    final ScriptedTurns model = new ScriptedTurns();
    final RecordingJournal journal = new RecordingJournal();
    final List<Tool> tools = new ArrayList<>();
    final List<Message> messages = new ArrayList<>();
    final List<ToolDefinition> clientTools = new ArrayList<>();
    final Map<String, JsonNode> parameters = new LinkedHashMap<>();
    final Map<String, JsonNode> agentParameters = new LinkedHashMap<>();
    Continuations continuations = new KeptInMemory();
    Permit permit = () -> {};
    @Nullable History history;
    Toolbox toolbox = () -> new Toolbox.Opened.Tools(tools);
    AgentConfig.InstructionsMode mode = AgentConfig.InstructionsMode.PREPEND;
    @Nullable String instructions;
    @Nullable String key = "dev";
    String agent = AGENT;
    int maxTurns = 8;
    RunId run = RunId.at(1);

    void user(String text) {
        messages.add(Message.text(Message.Role.USER, text));
    }

    void clientTool(String name) {
        clientTools.add(new ToolDefinition(name, null, null, Map.of()));
    }

    Execution prepare() {
        AgentConfig config =
                new AgentConfig(
                        "provider",
                        "model",
                        null,
                        instructions,
                        mode,
                        List.of(),
                        new ToolFilter(List.of(), List.of()),
                        maxTurns,
                        RunRequest.OnDisconnect.CANCEL,
                        agentParameters);
        RunEngine engine =
                new RunEngine(Map.of(AGENT, config), _ -> model, _ -> toolbox, continuations);
        RunRequest request =
                new RunRequest(
                        run,
                        agent,
                        key,
                        messages,
                        clientTools,
                        parameters,
                        Map.of(),
                        RunRequest.OnDisconnect.CANCEL,
                        false,
                        Lane.INTERACTIVE,
                        0,
                        0,
                        0,
                        Instant.EPOCH,
                        Instant.EPOCH.plusSeconds(60));
        return engine.prepare(request, Duration.ofSeconds(60), null, journal, permit, history);
    }

    RunEvent execute() throws InterruptedException {
        return prepare().execute();
    }

    /// The conversation that the model was given in its last turn.
    List<Message> lastConversation() {
        return model.prompts().getLast().messages();
    }
}
