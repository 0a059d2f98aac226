package dev.sluice.bench.peer;

import dev.sluice.bench.fleet.Deployment;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.fleet.Layout;
import dev.sluice.bench.latency.Latencies;
import dev.sluice.bench.load.ChatSide;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.streams.Crowds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One trial: the model directly, the peer, and Sluice, alternately.
public final class Peer {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final PeerPlan plan;
    private final Report report;

    public Peer(PeerPlan plan, Report report) {
        this.plan = plan;
        this.report = report;
    }

    /// Makes the trial, tells the report, and returns whether everybody answered as the script
    /// says.
    ///
    /// @param folder of data, which is removed in the end, and of logs
    /// @throws dev.sluice.bench.fleet.FleetException if a process does not start
    /// @throws IllegalStateException if the peer does not answer, saying why, or the system does
    ///   not allow so many open files
    public boolean run(Path folder, Launcher launcher) throws InterruptedException {
        plan.streams().checkFiles();
        var crowds = new Crowds(plan.streams(), report);
        List<Question> questions = new ArrayList<>(Latencies.QUESTIONS);
        questions.addAll(crowds.questions());
        Layout layout = Layout.plain(Question.script(questions)).modelAt(plan.modelPort());
        try (var deployment = Deployment.start(folder, launcher, layout);
                var load = new Load()) {
            Side direct = new ChatSide("direct", deployment.model(), Layout.MODEL, null, load);
            Side peer = new ChatSide("peer", plan.url(), plan.model(), plan.key(), load);
            Side sluice = new ChatSide("sluice", deployment.gateway(), Layout.PLAIN, null, load);
            report.progress(
                    "the model serves at %s as `%s`, without a key: the peer's upstream must be there"
                            .formatted(deployment.model(), Layout.MODEL));
            await(load, peer);
            List<Side> sides = List.of(direct, peer, sluice);
            var latencies = new Latencies(plan.latency(), report, load);
            latencies.ofTurns(sides);
            latencies.ofStories(sides);
            latencies.ofSaturation(sides);
            boolean answered = latencies.tell();
            crowds.warmUp(load, sides);
            return crowds.measure(deployment, load, sides) && answered;
        }
    }

    /// The peer may have to be started, or to notice that its upstream serves.
    void await(Load load, Side peer) throws InterruptedException {
        long end = System.nanoTime() + plan.patience().toNanos();
        while (true) {
            try {
                load.once(peer, Question.turn());
                return;
            } catch (IllegalStateException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                report.progress("waiting: " + e.getMessage());
                Thread.sleep(PAUSE);
            }
        }
    }
}
