package dev.sluice.worker.tool;

import static dev.sluice.worker.tool.Configs.ALL;
import static dev.sluice.worker.tool.Opening.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.config.McpServerConfig;
import dev.sluice.worker.run.Toolbox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// How child processes start, speak and end, the well-behaved and the others.
class ChildProcessIT extends ScriptedServer {

    @Test
    void linesThatAreNoMessagesAreSkipped() throws InterruptedException {
        assertThat(ask(scripted("garbage"), "s__pid", "{}")).matches("\\d+");
    }

    @Test
    void idsThatComeBackAsTextAreUnderstood() throws InterruptedException {
        assertThat(ask(scripted("text-ids"), "s__pid", "{}")).matches("\\d+");
    }

    @Test
    void theChildInheritsOnlyWhatItNeeds() throws InterruptedException {
        JsonNode environment = JsonMapper.shared().readTree(ask(scripted(), "s__env", "{}"));

        assertThat(environment.path("GREETING").asString()).isEqualTo("hello");
        assertThat(environment.propertyNames())
                .contains("PATH")
                .isSubsetOf(
                        "GREETING",
                        "HOME",
                        "LANG",
                        "LC_ALL",
                        "LC_CTYPE",
                        "LOGNAME",
                        "PATH",
                        "SHELL",
                        "TERM",
                        "TZ",
                        "USER");
    }

    @Test
    void aServerThatCannotStartIsUnavailableAndTriedAgain() throws InterruptedException {
        Duration second = Duration.ofSeconds(1);
        ToolSources sources =
                sources(
                        Map.of(
                                "missing",
                                Configs.command("/no/such/command", List.of(), second, second, ALL),
                                "exits",
                                config(Duration.ofSeconds(5), "exit"),
                                "silent",
                                Configs.with(
                                        config(Duration.ofSeconds(5), "silent"),
                                        McpServerConfig.Start.EAGER,
                                        second),
                                "ancient",
                                config(Duration.ofSeconds(5), "ancient")));
        sources.startEager();

        for (String server : List.of("missing", "exits", "silent", "ancient", "unheard-of")) {
            for (int run = 0; run < 2; run++) {
                assertThat(sources.toolbox(Configs.agent(ALL, server)).open())
                        .isEqualTo(new Toolbox.Opened.Unavailable(server));
            }
        }
    }

    @Test
    void anEagerServerIsStartedUnasked() {
        ToolSources sources =
                sources(
                        Map.of(
                                "s",
                                Configs.with(
                                        config(Duration.ofSeconds(5)),
                                        McpServerConfig.Start.EAGER,
                                        Duration.ofSeconds(20)),
                                "lazy",
                                config(Duration.ofSeconds(5))));

        sources.startEager();

        await().untilAsserted(() -> assertThat(children()).hasSize(1));
    }

    @Test
    void aChildThatWillNotLeaveIsKilledWithItsOwnChildren() throws InterruptedException {
        ask(scripted("stubborn", "parent"), "s__pid", "{}");

        assertThat(children()).hasSizeGreaterThanOrEqualTo(2);
        // The rest is asserted after each test: closed within five seconds, and nobody left.
    }
}
