package dev.sluice.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `./sluice --help` is written by hand, so that it needs no build; this holds it to the commands.
@DisabledOnOs(OS.WINDOWS)
class HelpTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up",
                "infra",
                "model",
                "gateway",
                "worker",
                "check",
                "events tail",
                "jobs submit",
                "dead-letters list",
                "top"
            })
    void theLauncherNamesExactlyTheOptionsOfEveryCommand(String command) throws Exception {
        String section =
                launcherHelp().split("(?m)^  " + command + " +", 2)[1].split("(?m)^  \\S|^$", 2)[0];
        List<String> own =
                options(
                        String.join(
                                "\n",
                                new Commands(folder).run((command + " --help").split(" ")).out()));

        assertThat(options(section)).containsExactlyInAnyOrderElementsOf(own);
    }

    private static String launcherHelp() throws Exception {
        Process help = new ProcessBuilder("../sluice", "--help").start();
        return new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static List<String> options(String text) {
        return Pattern.compile("--[a-z-]+(?=[ =][A-Z])")
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
    }
}
