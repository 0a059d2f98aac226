package dev.sluice.standalone.app;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.embedded.mcp.McpHttpServer;
import dev.sluice.embedded.model.Script;
import dev.sluice.embedded.model.ScriptedModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// The demo's scripted model and MCP server, on free ports of 127.0.0.1.
final class Demo implements AutoCloseable {
    private static final String OPENAI = "openai";

    private final Parts parts;
    private final ScriptedModel model;
    private final McpHttpServer tools;

    private Demo(Parts parts, ScriptedModel model, McpHttpServer tools) {
        this.parts = parts;
        this.model = model;
        this.tools = tools;
    }

    /// Starts both and returns when they serve.
    static Demo start() throws Exception {
        var parts = new Parts();
        var model = parts.start("model", () -> ScriptedModel.start(Script.demo(), 0));
        var tools = parts.start("tools", () -> McpHttpServer.start(0));
        parts.await();
        return new Demo(parts, model.get(), tools.get());
    }

    /// The configuration of agents that use them.
    SluiceConfig config(Map<String, String> environment) {
        return config(model.baseUrl(), tools.url(), environment);
    }

    /// The demo's configuration: the agent `demo`, and where `OPENAI_API_KEY` is set the agent
    /// `assistant` on OpenAI.
    static SluiceConfig config(URI model, URI tools, Map<String, String> environment) {
        var variables = new HashMap<>(environment);
        variables.put("SLUICE_DEMO_MODEL_URL", model.toString());
        variables.put("SLUICE_DEMO_MCP_URL", tools.toString());
        SluiceConfig all = ConfigLoader.parse(text(), "demo.yaml", variables);
        return environment.getOrDefault("OPENAI_API_KEY", "").isBlank() ? withoutOpenAi(all) : all;
    }

    private static SluiceConfig withoutOpenAi(SluiceConfig all) {
        var providers = new LinkedHashMap<>(all.providers());
        providers.remove(OPENAI);
        Map<String, AgentConfig> agents = new LinkedHashMap<>(all.agents());
        agents.values().removeIf(agent -> agent.provider().equals(OPENAI));
        return new SluiceConfig(
                providers,
                all.mcpServers(),
                agents,
                all.keys(),
                all.run(),
                all.gateway(),
                all.worker(),
                all.jobs(),
                all.kafka(),
                all.redis(),
                all.audit(),
                all.log());
    }

    private static String text() {
        try (InputStream yaml = Demo.class.getResourceAsStream("demo.yaml")) {
            byte[] bytes = Objects.requireNonNull(yaml, "demo.yaml is missing").readAllBytes();
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
