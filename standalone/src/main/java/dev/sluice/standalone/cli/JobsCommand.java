package dev.sluice.standalone.cli;

import dev.sluice.standalone.job.JobFile;
import dev.sluice.standalone.job.JobSubmission;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jobs`: what is submitted to the jobs topic.
@Command(name = "jobs", description = "Submits jobs to the jobs topic.")
final class JobsCommand {
    private static final String SUBMIT = "submit";

    private JobsCommand() {}

    static CommandLine of(Console console) {
        return new CommandLine(new JobsCommand()).addSubcommand(new Submit(console));
    }

    /// `jobs submit`: a file of jobs.
    @Command(
            name = SUBMIT,
            description =
                    "Submits a file of jobs, a JSON object a line: `{\"id\": …, \"agent\": …,"
                            + " \"input\": …}`. A job without an id gets one by its line. With"
                            + " --watch it waits for all their results and sums them up (or those that"
                            + " have come, where it is interrupted); exit 1 if any job did not"
                            + " complete.")
    static final class Submit implements Callable<Integer> {
        private final Console console;

        @Parameters(paramLabel = "FILE", description = "The jobs, a JSON object a line.")
        @SuppressWarnings("NullAway.Init")
        private ReadableFile file;

        @Mixin private final ClusterOptions options = new ClusterOptions();

        @Option(names = "--watch", description = "Waits for the results and sums them up.")
        private boolean watch;

        Submit(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws InterruptedException {
            JobFile jobs = JobFile.checked(file.path());
            return options.on(
                    console,
                    cluster -> {
                        var submission =
                                new JobSubmission(
                                        cluster.settings(),
                                        cluster.topics(),
                                        console.out(),
                                        console.err(),
                                        isTerminal());
                        return submission.run(jobs, watch) ? 0 : 1;
                    });
        }

        /// Where there is none, the JVM has no console, or one that says so.
        private static boolean isTerminal() {
            return Optional.ofNullable(System.console())
                    .filter(java.io.Console::isTerminal)
                    .isPresent();
        }
    }
}
