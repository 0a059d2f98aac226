package dev.sluice.standalone.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.Secret;
import dev.sluice.common.config.SluiceConfig;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoTest {
    private static final URI MODEL = URI.create("http://127.0.0.1:1001/v1");
    private static final URI TOOLS = URI.create("http://127.0.0.1:1002/mcp");

    @Test
    void theDemoAgentPlaysFromTheScriptWithTheToolsOfThisProcess() {
        SluiceConfig config = Demo.config(MODEL, TOOLS, Map.of());

        assertThat(config.agents()).containsOnlyKeys("demo");
        assertThat(config.agents())
                .hasEntrySatisfying(
                        "demo", agent -> assertThat(agent.mcpServers()).containsExactly("demo"));
        assertThat(config.providers())
                .containsOnlyKeys("scripted")
                .hasEntrySatisfying(
                        "scripted", provider -> assertThat(provider.baseUrl()).isEqualTo(MODEL));
        assertThat(config.mcpServers())
                .hasEntrySatisfying("demo", server -> assertThat(server.url()).isEqualTo(TOOLS));
    }

    @Test
    void anOpenAiKeyAddsAnAssistant() {
        SluiceConfig config =
                Demo.config(MODEL, TOOLS, Map.of("OPENAI_API_KEY", "k1", "OPENAI_MODEL", "m1"));

        assertThat(config.agents()).containsOnlyKeys("demo", "assistant");
        assertThat(config.agents())
                .hasEntrySatisfying(
                        "assistant", agent -> assertThat(agent.model()).isEqualTo("m1"));
        assertThat(config.providers())
                .hasEntrySatisfying(
                        "openai",
                        provider ->
                                assertThat(provider.apiKey())
                                        .extracting(Secret::reveal)
                                        .isEqualTo("k1"));
    }

    @Test
    void anEmptyOpenAiKeyIsNone() {
        SluiceConfig config = Demo.config(MODEL, TOOLS, Map.of("OPENAI_API_KEY", ""));

        assertThat(config.agents()).containsOnlyKeys("demo");
    }
}
