package dev.sluice.standalone.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.sluice.common.config.LogConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sets up Logback: its service provider for the time before the configuration is known (text,
/// Sluice's own messages from `warn`), and [#apply] for the time after.
///
/// Sluice's own loggers have the configured level, everybody else's `warn`. There is no XML:
/// reading it costs a tenth of a second of every start.
public final class Logging extends ContextAwareBase implements Configurator {
    /// These warn about what is ordinary here: a broker that is just starting or stopping, one that
    /// is alone, a configuration key meant for another part.
    private static final List<String> NOISY =
            List.of(
                    "kafka",
                    "org.apache.kafka",
                    "state.change.logger",
                    "io.netty.util.internal",
                    "io.lettuce.core.protocol");

    /// Parts of the embedded broker that call ordinary things errors, with a stack trace: a stop
    /// soon after the first start, a machine that was asleep or busy for two seconds.
    private static final List<String> ALARMED =
            List.of(
                    "org.apache.kafka.controller.ReplicationControlManager",
                    "org.apache.kafka.coordinator.group.GroupCoordinatorService",
                    "org.apache.kafka.server.share.persister.PersisterStateManager");

    /// What it has to say of a server, the tool sources say; its own messages quote whole bodies.
    private static final String QUOTING = "io.modelcontextprotocol";

    private static final String OURS = "dev.sluice";

    /// For Logback, by reflection.
    public Logging() {}

    /// Logs as `config` says from now on.
    public static void apply(LogConfig config) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            configure(context, config.format(), Level.valueOf(config.level().name()));
        }
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        configure(context, LogConfig.Format.TEXT, Level.WARN);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static void configure(LoggerContext context, LogConfig.Format format, Level level) {
        context.reset();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder(context, format, level));
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        NOISY.forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
        ALARMED.forEach(name -> context.getLogger(name).setLevel(Level.OFF));
        context.getLogger(QUOTING).setLevel(Level.OFF);
        context.getLogger(OURS).setLevel(level);
    }

    private static Encoder<ILoggingEvent> encoder(
            LoggerContext context, LogConfig.Format format, Level level) {
        return switch (format) {
            case TEXT -> {
                var layout = new TextLine(Level.DEBUG.isGreaterOrEqual(level));
                layout.setContext(context);
                layout.start();
                var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
                encoder.setContext(context);
                encoder.setCharset(StandardCharsets.UTF_8);
                encoder.setLayout(layout);
                encoder.start();
                yield encoder;
            }
            case JSON -> {
                var encoder = new LogstashEncoder();
                encoder.setContext(context);
                encoder.start();
                yield encoder;
            }
        };
    }
}
