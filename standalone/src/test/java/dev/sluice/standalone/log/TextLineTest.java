package dev.sluice.standalone.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class TextLineTest {
    private static final String TIME = "\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ";

    @Test
    void anEventIsOneLineWithItsValues() {
        LoggingEvent event = event(Level.INFO, "The run ended", null);
        event.addKeyValuePair(new KeyValuePair("run", "r1"));
        event.addKeyValuePair(new KeyValuePair("turns", 2));

        assertThat(new TextLine(false).doLayout(event))
                .matches(TIME + "INFO  RunEngine The run ended run=r1 turns=2\\R");
    }

    @Test
    void aValueThatIsNotOneWordIsQuotedAndCannotStartALine() {
        LoggingEvent event = event(Level.WARN, "A tool\nfailed", null);
        event.addKeyValuePair(new KeyValuePair("said", "no \"way\"\r\n12:00 ERROR"));
        event.addKeyValuePair(new KeyValuePair("empty", ""));
        event.addKeyValuePair(new KeyValuePair("none", null));

        assertThat(new TextLine(false).doLayout(event))
                .matches(
                        TIME
                                + "WARN  RunEngine A tool\\\\nfailed"
                                + " said=\"no \\\\\"way\\\\\"\\\\r\\\\n12:00 ERROR\" empty=\"\" none=null\\R");
    }

    @Test
    void anExceptionIsAValueBelowErrorAndATraceAtError() {
        var exception = new IllegalStateException("port taken");

        String warned = new TextLine(false).doLayout(event(Level.WARN, "Failed", exception));
        String failed = new TextLine(false).doLayout(event(Level.ERROR, "Failed", exception));
        String debugged = new TextLine(true).doLayout(event(Level.WARN, "Failed", exception));

        assertThat(warned)
                .matches(
                        TIME
                                + "WARN  RunEngine Failed"
                                + " exception=\"java.lang.IllegalStateException: port taken\"\\R");
        assertThat(failed).contains("TextLineTest.java:");
        assertThat(debugged).contains("TextLineTest.java:");
    }

    private static LoggingEvent event(Level level, String message, @Nullable Throwable thrown) {
        var logger = new LoggerContext().getLogger("dev.sluice.worker.run.RunEngine");
        var event = new LoggingEvent("", logger, level, message, thrown, null);
        event.setMDCPropertyMap(Map.of());
        return event;
    }
}
