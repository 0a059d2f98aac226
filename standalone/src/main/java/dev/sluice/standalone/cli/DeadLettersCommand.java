package dev.sluice.standalone.cli;

import dev.sluice.common.StartException;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.standalone.job.DeadLetters;
import dev.sluice.standalone.job.LetterText;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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

    private static DeadLetters letters(ClusterOptions options, Console console) {
        ClusterOptions.Cluster cluster = options.cluster(console);
        return new DeadLetters(cluster.settings(), cluster.topics(), Clock.systemUTC());
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
        public Integer call() {
            List<DeadLetters.Entry> all = letters(options, console).all();
            if (all.isEmpty()) {
                console.out().println("no dead letters");
            } else {
                LetterText.table(all).forEach(console.out()::println);
            }
            return 0;
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
        public Integer call() {
            List<DeadLetters.Entry> all = letters(options, console).all();
            LetterText.whole(named(all, id)).forEach(console.out()::println);
            return 0;
        }
    }

    /// `dead-letters redrive`: published again.
    @Command(
            name = REDRIVE,
            description =
                    "Publishes the records of dead letters again where they came from, a run as a"
                            + " new run; results go to where they were to go. What was redriven"
                            + " before is passed over.")
    static final class Redrive implements Callable<Integer> {
        private final Console console;

        @Parameters(paramLabel = "ID", arity = "0..*", description = "The ids that `list` shows.")
        private List<String> ids = new ArrayList<>();

        @Option(names = "--all", description = "All that were not redriven yet.")
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
            DeadLetters letters = letters(options, console);
            List<DeadLetters.Entry> there = letters.all();
            List<DeadLetters.Entry> chosen =
                    all
                            ? there.stream().filter(DeadLetters.Entry::whole).toList()
                            : ids.stream().map(id -> named(there, id)).toList();
            List<DeadLetter> fresh =
                    chosen.stream()
                            .filter(entry -> !entry.redriven())
                            .map(DeadLetters.Entry::letter)
                            .toList();
            letters.redrive(fresh);
            fresh.forEach(letter -> console.out().println("redriven " + letter.id()));
            console.out()
                    .println(
                            "%d redriven, %d before"
                                    .formatted(fresh.size(), chosen.size() - fresh.size()));
            return 0;
        }
    }

    private static DeadLetters.Entry named(List<DeadLetters.Entry> all, String id) {
        return all.stream()
                .filter(entry -> entry.letter().id().equals(id))
                .findFirst()
                .orElseThrow(() -> new StartException("there is no dead letter " + id));
    }
}
