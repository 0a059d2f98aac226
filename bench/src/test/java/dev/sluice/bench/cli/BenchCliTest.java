package dev.sluice.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.standalone.cli.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCliTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    @TempDir Path folder;

    private int run(String... args) {
        return new BenchCli(
                        new Console(
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8),
                                Map.of(),
                                folder))
                .run(args);
    }

    private static List<String> lines(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ``                    | ./sluice bench: say what to do: chaos, latency, throughput, streams, start, peer; see ./sluice bench --help
                    latency --rounds 0    | ./sluice bench latency: Invalid value for option '--rounds': 0 is not a number from 1 to 100000; see ./sluice bench latency --help
                    throughput --model-delay 1 | ./sluice bench throughput: Invalid value for option '--model-delay': 1 is not a time such as 250ms or 1s; see ./sluice bench throughput --help
                    peer --url http://127.0.0.1:1/v1 | ./sluice bench peer: Missing required option: '--model=M'; see ./sluice bench peer --help
                    latencies             | ./sluice bench: there is no command latencies here, but chaos, latency, throughput, streams, start, peer; see ./sluice bench --help
                    chaos extra           | ./sluice bench chaos: there is no argument extra; see ./sluice bench chaos --help
                    chaos --kils 3        | ./sluice bench chaos: there is no option --kils; see ./sluice bench chaos --help
                    chaos --kills 0       | ./sluice bench chaos: Invalid value for option '--kills': 0 is not a number from 1 to 100000; see ./sluice bench chaos --help
                    chaos --streams many  | ./sluice bench chaos: Invalid value for option '--streams': many is not a number from 1 to 100000; see ./sluice bench chaos --help
                    chaos --seed=-1       | ./sluice bench chaos: Invalid value for option '--seed': -1 is not a number from 0 to 999999999; see ./sluice bench chaos --help
                    chaos --only all      | ./sluice bench chaos: Invalid value for option '--only': all is none of worker, gateway, redis, broker, pause, drain; see ./sluice bench chaos --help
                    chaos --beside src    | ./sluice bench chaos: Invalid value for option '--beside': src is no checkout of Sluice: there is no program sluice in it; see ./sluice bench chaos --help
                    chaos --data /dev/null | ./sluice bench chaos: Invalid value for option '--data': /dev/null is not a folder; see ./sluice bench chaos --help
                    """)
    void wrongUsageIsOneLineAndStatusTwo(String line, String complaint) {
        int status = run(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(lines(err)).containsExactly(complaint);
        assertThat(lines(out)).isEmpty();
        assertThat(status).isEqualTo(2);
    }

    @Test
    void itNamesItsCommands() {
        assertThat(run("--help")).isZero();

        assertThat(lines(out)).first().asString().startsWith("Usage: ./sluice bench ");
        assertThat(lines(out)).anyMatch(line -> line.startsWith("  chaos "));
    }

    /// `./sluice --help` is written by hand, so that it needs no build; this holds it to the
    /// command.
    @ParameterizedTest
    @ValueSource(strings = {"chaos", "latency", "throughput", "streams", "start", "peer"})
    @DisabledOnOs(OS.WINDOWS)
    void theLauncherNamesExactlyTheOptionsOfTheCommand(String command) throws Exception {
        Process help = new ProcessBuilder("../sluice", "--help").start();
        String launcher = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(run(command, "--help")).isZero();

        String section =
                launcher.split("(?m)^    " + command + " +", 2)[1].split("(?m)^ {2,4}\\S|^$", 2)[0];
        assertThat(options(section))
                .containsExactlyInAnyOrderElementsOf(options(String.join("\n", lines(out))));
    }

    private static List<String> options(String text) {
        return Pattern.compile("--(?!help)[a-z-]+")
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
    }
}
