package dev.sluice.standalone.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/// An event as one short line for people: `14:03:22.117 INFO RunTask run ended runId=r1 turns=2`.
///
/// A value is quoted where it would not read as one word, and a line break in it cannot start a
/// line of its own. The stack trace of an exception follows its line at level `error`, and at all
/// levels while Sluice logs at `debug`; else the exception is one more value.
final class TextLine extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private final boolean stackTraces;

    /// @param stackTraces whether exceptions of every level show theirs
    TextLine(boolean stackTraces) {
        this.stackTraces = stackTraces;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new StringBuilder(160);
        TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
        line.append(' ').append(event.getLevel());
        if (event.getLevel().levelStr.length() < 5) {
            line.append(' ');
        }
        String logger = event.getLoggerName();
        line.append(' ').append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(' ');
        appendOnOneLine(line, String.valueOf(event.getFormattedMessage()));
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                appendPair(line, pair.key, pair.value);
            }
        }
        for (Map.Entry<String, String> entry : event.getMDCPropertyMap().entrySet()) {
            appendPair(line, entry.getKey(), entry.getValue());
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            appendPair(line, "exception", thrown.getClassName() + ": " + thrown.getMessage());
            if (stackTraces || event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                line.append(System.lineSeparator()).append(ThrowableProxyUtil.asString(thrown));
                return line.toString();
            }
        }
        return line.append(System.lineSeparator()).toString();
    }

    private static void appendPair(StringBuilder line, String key, @Nullable Object value) {
        line.append(' ').append(key).append('=');
        String text = String.valueOf(value);
        if (text.isEmpty() || text.chars().anyMatch(c -> c <= ' ' || c == '"' || c == '=')) {
            line.append('"');
            appendOnOneLine(line, text.replace("\"", "\\\""));
            line.append('"');
        } else {
            appendOnOneLine(line, text);
        }
    }

    private static void appendOnOneLine(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> line.append(Character.isISOControl(c) ? '?' : c);
            }
        }
    }
}
