package dev.sluice.worker.tool;

import static dev.sluice.worker.tool.Configs.ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.config.McpServerConfig;
import dev.sluice.worker.run.Toolbox;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/// A scripted server as a child process, and that nothing of it is left after each test.
abstract class ScriptedServer {
    final MeterRegistry meters = new SimpleMeterRegistry();
    private final Set<ProcessHandle> others =
            ProcessHandle.current().descendants().collect(Collectors.toSet());
    private @Nullable ToolSources sources;

    @AfterEach
    void closeInTime() {
        if (sources != null) {
            long begun = System.nanoTime();
            sources.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(5));
        }
        await().until(() -> children().isEmpty());
    }

    /// The processes that the test has started.
    final List<ProcessHandle> children() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> !others.contains(process))
                .toList();
    }

    /// The sources of these servers, closed after the test.
    final ToolSources sources(Map<String, McpServerConfig> servers) {
        ToolSources made = new ToolSources(servers, meters);
        sources = made;
        return made;
    }

    /// An agent's toolbox with the scripted server alone, called `s`.
    final Toolbox scripted(String... faults) {
        return scripted(config(Duration.ofSeconds(5), faults));
    }

    final Toolbox scripted(Duration callTimeout) {
        return scripted(config(callTimeout));
    }

    final Toolbox scripted(McpServerConfig config) {
        return sources(Map.of("s", config)).toolbox(Configs.agent(ALL, "s"));
    }

    static McpServerConfig config(Duration callTimeout, String... faults) {
        return Configs.stdio(ScriptedServerMain.class.getName(), callTimeout, List.of(faults));
    }
}
