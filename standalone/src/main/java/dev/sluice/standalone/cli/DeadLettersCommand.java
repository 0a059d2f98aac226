package dev.sluice.standalone.cli;

import dev.sluice.common.StartException;
import dev.sluice.standalone.job.DeadLetters;
import dev.sluice.standalone.job.LetterText;
import dev.sluice.standalone.terminal.Printable;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `dead-letters`: what nobody could do anything with.
@Command(
        name = "dead-letters",
        description =
                "Shows the records on the dead-letter topic (runs that workers die of, jobs that"
                        + " are none, results that could not be delivered) and publishes them"
                        + " again.")
final class DeadLettersCommand {
    private static final String LIST = "list";
    private static final String SHOW = "show";
    private static final String REDRIVE = "redrive";

    private DeadLettersCommand() {}

    static CommandLine of(Console console) {
        return new CommandLine(new DeadLettersCommand())
                .addSubcommand(new ListAll(console))
                .addSubcommand(new Show(console))
                .addSubcommand(new Redrive(console));
    }

    /// What a command does with the letters.
    @FunctionalInterface
    private interface Work {
        int with(DeadLetters letters) throws InterruptedException;
    }

    private static int on(ClusterOptions options, Console console, Work work)
            throws InterruptedException {
        return options.on(
                console,
                cluster -> {
                    try (var letters =
                            new DeadLetters(
                                    cluster.settings(), cluster.topics(), Clock.systemUTC())) {
                        return work.with(letters);
                    }
                });
    }

    /// `dead-letters list`: all of them.
    @Command(name = LIST, description = "Lists all dead letters, oldest first.")
    static final class ListAll implements Callable<Integer> {
        private final Console console;

        @Mixin private final ClusterOptions options = new ClusterOptions();

        ListAll(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws InterruptedException {
            return on(
                    options,
                    console,
                    letters -> {
                        List<DeadLetters.Entry> all = letters.all();
                        if (all.isEmpty()) {
                            console.out().println("no dead letters");
                        } else {
                            LetterText.table(all).forEach(console.out()::println);
                        }
                        return 0;
                    });
        }
    }

    /// `dead-letters show`: one of them.
    @Command(name = SHOW, description = "Shows a dead letter as a whole.")
    static final class Show implements Callable<Integer> {
        private final Console console;

        @Parameters(paramLabel = "ID", description = "The id that `list` shows.")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Mixin private final ClusterOptions options = new ClusterOptions();

        Show(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws InterruptedException {
            return on(
                    options,
                    console,
                    letters -> {
                        DeadLetters.Entry entry = named(letters.all(), id);
                        LetterText.whole(entry, letters.whole(entry))
                                .forEach(console.out()::println);
                        return 0;
                    });
        }
    }

    /// `dead-letters redrive`: published again.
    @Command(
            name = REDRIVE,
            description =
                    "Publishes the records of dead letters again where they came from, a run as a"
                            + " new run; results go to where they were to go. What was redriven"
                            + " before is passed over. Says of each letter what became of it; exit"
                            + " 1 if any could not be redriven.")
    static final class Redrive implements Callable<Integer> {
        private final Console console;

        @Parameters(paramLabel = "ID", arity = "0..*", description = "The ids that `list` shows.")
        private List<String> ids = new ArrayList<>();

        @Option(
                names = "--all",
                description =
                        "All that were not redriven yet, but for those whose records were too large"
                                + " to be kept.")
        private boolean all;

        @Mixin private final ClusterOptions options = new ClusterOptions();

        @CommandLine.Spec
        @SuppressWarnings("NullAway.Init")
        private CommandLine.Model.CommandSpec spec;

        Redrive(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws InterruptedException {
            if (all != ids.isEmpty()) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "either ids or --all must be given");
            }
            return on(options, console, this::redrive);
        }

        private int redrive(DeadLetters letters) throws InterruptedException {
            List<DeadLetters.Entry> there = letters.all();
            List<String> chosen =
                    all
                            ? there.stream()
                                    .filter(entry -> !entry.truncated())
                                    .map(entry -> entry.letter().id())
                                    .toList()
                            : ids;
            int redriven = 0;
            int before = 0;
            int failed = 0;
            for (String id : chosen) {
                try {
                    DeadLetters.Entry entry = named(there, id);
                    if (entry.redriven()) {
                        before++;
                        console.out().println("redriven before " + Printable.line(id));
                    } else {
                        letters.redrive(entry);
                        redriven++;
                        console.out().println("redriven " + Printable.line(id));
                    }
                } catch (InterruptException e) {
                    throw e;
                } catch (StartException | KafkaException e) {
                    failed++;
                    console.err().println("%s: %s".formatted(Printable.line(id), e.getMessage()));
                }
            }
            console.out()
                    .println(
                            "%d redriven, %d passed over%s"
                                    .formatted(
                                            redriven,
                                            before,
                                            failed == 0 ? "" : ", %d failed".formatted(failed)));
            return failed == 0 ? 0 : 1;
        }
    }

    private static DeadLetters.Entry named(List<DeadLetters.Entry> all, String id) {
        return all.stream()
                .filter(entry -> entry.letter().id().equals(id))
                .findFirst()
                .orElseThrow(
                        () -> new StartException("there is no dead letter " + Printable.line(id)));
    }
}
