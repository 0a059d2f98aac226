package dev.sluice.standalone.cli;

import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.run.RunId;
import dev.sluice.standalone.cli.ClusterOptions.Cluster;
import dev.sluice.standalone.events.EventLine;
import dev.sluice.standalone.events.EventTail;
import dev.sluice.standalone.events.Kind;
import dev.sluice.standalone.events.RunIdReader;
import java.io.PrintStream;
import java.time.Clock;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `events tail`: follows the audit stream, one event a line.
@Command(
        name = "tail",
        description =
                "Follows the audit stream, one event a line, each once however often it was"
                        + " written.")
final class TailCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--run",
            paramLabel = "ID",
            converter = RunIdReader.class,
            description = "Only the events of this run, from its beginning on.")
    private @Nullable RunId run;

    @Option(
            names = "--type",
            paramLabel = "T",
            converter = Kind.Reader.class,
            description = "Only events of a type such as run.failed, or of a family such as run.")
    private @Nullable Kind kind;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "What was written so long ago and since then: 30s, 10m, 2h, 7d."
                            + " Default: what comes from now on")
    private @Nullable Span since;

    @Option(
            names = "--json",
            description = "The events as they are on the stream: CloudEvents, one a line.")
    private boolean json;

    @Option(names = "--once", description = "Ends when all that there is was shown.")
    private boolean once;

    @Mixin private final ClusterOptions options = new ClusterOptions();

    TailCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Cluster cluster = options.cluster(console);
        PrintStream out = console.out();
        var lines = new EventLine(Clock.system(ZoneId.systemDefault()));
        try (var consumer = new KafkaConsumer<String, byte[]>(cluster.settings().follower())) {
            var tail =
                    new EventTail(consumer, cluster.topics().audit(), Clock.systemUTC(), run, kind);
            tail.begin(since == null ? null : since.duration());
            // Whoever reads may have gone: `| head`.
            tail.follow(
                    once,
                    event -> {
                        AuditRecord known = event.record();
                        if (json) {
                            out.println(event.raw());
                        } else if (known != null) {
                            out.println(lines.of(known));
                        }
                        return !out.checkError();
                    });
        }
        return 0;
    }
}
