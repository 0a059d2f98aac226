package dev.sluice.bench.streams;

import dev.sluice.bench.fleet.Deployment;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.fleet.Layout;
import dev.sluice.bench.load.ChatSide;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One trial: so many streams at once, from the model directly and through Sluice, alternately; and
/// streams that say nothing.
public final class Streams {
    private final StreamsPlan plan;
    private final Report report;

    public Streams(StreamsPlan plan, Report report) {
        this.plan = plan;
        this.report = report;
    }

    /// Makes the trial, tells the report, and returns whether no token was lost and no stream
    /// failed.
    ///
    /// @param folder of data, which is removed in the end, and of logs
    /// @throws dev.sluice.bench.fleet.FleetException if a process does not start
    /// @throws IllegalStateException if the system does not allow so many open files
    public boolean run(Path folder, Launcher launcher) throws InterruptedException {
        plan.checkFiles();
        var crowds = new Crowds(plan, report);
        var idle = new IdleStreams(new Opening(plan.idle()), plan.silence(), report);
        List<Question> questions = new ArrayList<>(crowds.questions());
        questions.add(idle.question());
        try (var deployment =
                        Deployment.start(
                                folder, launcher, Layout.plain(Question.script(questions)));
                var load = new Load()) {
            Side direct = new ChatSide("direct", deployment.model(), Layout.MODEL, null, load);
            Side sluice = new ChatSide("sluice", deployment.gateway(), Layout.PLAIN, null, load);
            crowds.warmUp(load, List.of(direct, sluice));
            // Before the others, which leave garbage and buffers behind.
            boolean silent = idle.measure(deployment, load, sluice);
            return crowds.measure(deployment, load, List.of(direct, sluice)) && silent;
        }
    }
}
