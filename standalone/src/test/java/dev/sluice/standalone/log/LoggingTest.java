package dev.sluice.standalone.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.LogConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private static final Logger OURS = LoggerFactory.getLogger("dev.sluice.some.Part");
    private static final Logger THEIRS = LoggerFactory.getLogger("com.example.Library");
    private static final Logger NOISY = LoggerFactory.getLogger("org.apache.kafka.clients.Any");

    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @BeforeEach
    void keepWhatIsWritten() {
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void backToQuiet() {
        System.setErr(standardError);
        Logging.apply(new LogConfig(LogConfig.Format.TEXT, LogConfig.Level.WARN));
    }

    @Test
    void jsonHasEveryValueAsAField() {
        Logging.apply(new LogConfig(LogConfig.Format.JSON, LogConfig.Level.INFO));

        OURS.atInfo().addKeyValue("run", "r1").addKeyValue("turns", 2).log("The run ended");

        assertThat(lines())
                .singleElement()
                .asString()
                .startsWith("{")
                .contains(
                        "\"message\":\"The run ended\"",
                        "\"level\":\"INFO\"",
                        "\"run\":\"r1\"",
                        "\"turns\":2")
                .endsWith("}");
    }

    @Test
    void theLevelIsThatOfOurOwnMessagesOnly() {
        Logging.apply(new LogConfig(LogConfig.Format.TEXT, LogConfig.Level.DEBUG));

        OURS.atDebug().log("ours");
        THEIRS.atInfo().log("theirs");
        THEIRS.atWarn().log("their warning");
        NOISY.atWarn().log("noise");
        NOISY.atError().log("an error");

        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("ours"),
                        line -> assertThat(line).endsWith("their warning"),
                        line -> assertThat(line).endsWith("an error"));
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
