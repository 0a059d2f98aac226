package dev.sluice.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SluiceCliTest {
    @TempDir Path folder;
    Commands commands;

    @BeforeEach
    void commands() {
        commands = new Commands(folder.resolve("data"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    infra --bogus            | infra: there is no option --bogus; see ./sluice infra --help
                    infra extra              | infra: there is no argument extra; see ./sluice infra --help
                    infra --kafka-port 99999 | infra: Invalid value for option '--kafka-port': 99999 is not a port (0 to 65535; 0 takes a free one); see ./sluice infra --help
                    infra --redis-port=-1    | infra: Invalid value for option '--redis-port': -1 is not a port (0 to 65535; 0 takes a free one); see ./sluice infra --help
                    model --port x           | model: Invalid value for option '--port': x is not a port (0 to 65535; 0 takes a free one); see ./sluice model --help
                    check                    | check: Missing required option: '--config=FILE'; see ./sluice check --help
                    check --config           | check: Missing required parameter for option '--config' (FILE); see ./sluice check --help
                    check --config /no/such  | check: Invalid value for option '--config': there is no file /no/such; see ./sluice check --help
                    check --config /         | check: Invalid value for option '--config': / is a folder, not a file; see ./sluice check --help
                    events                   | events: say what to do: tail; see ./sluice events --help
                    events tail --since 10   | events tail: Invalid value for option '--since': 10 is not a span of time such as 30s, 10m, 2h or 7d; see ./sluice events tail --help
                    events tail --run x      | events tail: Invalid value for option '--run': a run id begins with run_; see ./sluice events tail --help
                    jobs                     | jobs: say what to do: submit; see ./sluice jobs --help
                    jobs submit              | jobs submit: Missing required parameter: 'FILE'; see ./sluice jobs submit --help
                    jobs submit /no/such     | jobs submit: Invalid value for positional parameter at index 0 (FILE): there is no file /no/such; see ./sluice jobs submit --help
                    dead-letters             | dead-letters: say what to do: list, show, redrive; see ./sluice dead-letters --help
                    jobs sumbit x            | jobs: there is no command sumbit here, but submit; see ./sluice jobs --help
                    dead-letters --all       | dead-letters: there is no option --all here, but list, show, redrive; see ./sluice dead-letters --help
                    dead-letters redrive     | dead-letters redrive: either ids or --all must be given; see ./sluice dead-letters redrive --help
                    top --url localhost:8080 | top: Invalid value for option '--url': localhost:8080 is not an address, such as http://127.0.0.1:8080; see ./sluice top --help
                    model --script /no/such  | model: Invalid value for option '--script': there is no file /no/such; see ./sluice model --help
                    """)
    void wrongUsageIsOneLineAndStatusTwo(String line, String complaint) {
        Commands.Outcome outcome = commands.run(line.split(" "));

        assertThat(outcome.err()).containsExactly("./sluice " + complaint);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.status()).isEqualTo(2);
    }

    @Test
    void aFileWhereTheDataFolderShouldBeIsWrongUsage() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        Commands.Outcome outcome =
                commands.run("infra", "--data", file.resolve("below").toString());

        assertThat(outcome.err()).singleElement().asString().contains(file + " is not a folder");
        assertThat(outcome.status()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"up", "infra", "model", "gateway", "worker", "check", "events tail", "top"})
    void everyCommandExplainsItsOptions(String command) {
        Commands.Outcome outcome = commands.run((command + " --help").split(" "));

        assertThat(outcome.out().getFirst()).startsWith("Usage: ./sluice " + command);
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
    }

    @Test
    void whereNoUpRunsThereIsNothingToTail() {
        Commands.Outcome outcome = commands.run("events", "tail");

        assertThat(outcome.err())
                .singleElement()
                .asString()
                .startsWith("./sluice events tail: no ./sluice up runs on ");
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void anUnknownTypeOfEventsIsWrongUsageAndTheTypesAreNamed() {
        Commands.Outcome outcome = commands.run("events", "tail", "--type", "runs");

        assertThat(outcome.err())
                .singleElement()
                .asString()
                .contains("there is no type runs; there are run.accepted, run.started");
        assertThat(outcome.status()).isEqualTo(2);
    }

    @Test
    void checkSaysWhatThereIsInAConfiguration() throws IOException {
        Path config =
                config(
                        """
                        providers:
                          p: { kind: openai, base_url: "http://127.0.0.1:1/v1" }
                        agents:
                          a: { provider: p, model: "${MODEL}" }
                          b: { provider: p, model: m }
                        """);

        Commands.Outcome outcome = commands.run("check", "--config", config.toString());

        assertThat(outcome.out())
                .containsExactly("ok: 2 agents, 1 provider, 0 MCP servers, 0 keys");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void checkPrintsEveryProblemOnALineOfItsOwn() throws IOException {
        Path config =
                config(
                        """
                        gateway: { port: 99999 }
                        agents:
                          a: { provider: nobody, model: m }
                        """);

        Commands.Outcome outcome = commands.run("check", "--config", config.toString());

        assertThat(outcome.err())
                .satisfiesExactly(
                        line -> assertThat(line).contains("gateway.port", "99999"),
                        line -> assertThat(line).contains("agents.a.provider", "nobody"));
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void whereNothingServesACommandSaysHowToFindOne() {
        Commands.Outcome outcome = commands.run("dead-letters", "list");

        assertThat(outcome.err())
                .singleElement()
                .asString()
                .startsWith("./sluice dead-letters list: no ./sluice up runs on " + folder);
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void aLineThatIsNoJobIsNamedBeforeAnythingIsSubmitted() throws IOException {
        Path jobs = Files.writeString(folder.resolve("jobs.jsonl"), "{\"id\":\"a\"}\n\n[]\n");

        Commands.Outcome outcome = commands.run("jobs", "submit", jobs.toString());

        assertThat(outcome.err())
                .containsExactly("./sluice jobs submit: " + jobs + ":3: is not a JSON object");
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void theModelServesOnAFreePort() {
        Commands.Outcome outcome = commands.run("model", "--port", "0");

        assertThat(outcome.out())
                .singleElement()
                .asString()
                .matches("ready http://127\\.0\\.0\\.1:[1-9]\\d*/v1");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void aScriptThatCannotBePlayedIsOneLine() throws IOException {
        Path script = Files.writeString(folder.resolve("script.yaml"), "rules: 1\nfallbak: x\n");

        Commands.Outcome outcome = commands.run("model", "--script", script.toString());

        assertThat(outcome.err()).singleElement().asString().startsWith("./sluice model: ");
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void aTakenPortIsOneLine() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Commands.Outcome outcome =
                    commands.run("model", "--port", Integer.toString(taken.getLocalPort()));

            assertThat(outcome.err())
                    .singleElement()
                    .asString()
                    .startsWith("./sluice model: ")
                    .contains(Integer.toString(taken.getLocalPort()));
            assertThat(outcome.status()).isEqualTo(1);
        }
    }

    private Path config(String yaml) throws IOException {
        return Files.writeString(folder.resolve("sluice.yaml"), yaml);
    }
}
