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
import java.time.Duration;
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
        var silent = new Opening(plan.idle());
        Question silence = Question.turn(silent.time().plus(plan.silence()));
        List<Question> questions = new ArrayList<>(crowds.questions());
        questions.add(silence);
        try (var deployment =
                        Deployment.start(
                                folder, launcher, Layout.plain(Question.script(questions)));
                var load = new Load()) {
            Side direct = new ChatSide("direct", deployment.model(), Layout.MODEL, null, load);
            Side sluice = new ChatSide("sluice", deployment.gateway(), Layout.PLAIN, null, load);
            crowds.warmUp(load, List.of(direct, sluice));
            var memory = new StreamMemory(deployment, load, sluice, report);
            // Before the others, which leave garbage and buffers behind. Most of the silence is for
            // the look: full collections, by tools that have to start.
            memory.measure(silent, "wait", silence, plan.silence().dividedBy(6));
            boolean whole = crowds.measure(deployment, load, List.of(direct, sluice));
            for (int streams : plan.streams()) {
                memory.measure(new Opening(streams), "speak", crowds.story(), Duration.ZERO);
            }
            return memory.tell() && whole;
        }
    }
}
