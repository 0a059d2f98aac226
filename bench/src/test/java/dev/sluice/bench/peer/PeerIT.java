package dev.sluice.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.bench.TrialReport;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.latency.Latencies;
import dev.sluice.bench.latency.LatencyPlan;
import dev.sluice.bench.load.ChatSide;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.streams.Crowds;
import dev.sluice.bench.streams.StreamsPlan;
import dev.sluice.embedded.model.Script;
import dev.sluice.embedded.model.ScriptedModel;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A trial too small for its figures to mean anything, with a peer that is a model of its own.
@DisabledOnOs(OS.WINDOWS)
class PeerIT {
    private static final Duration TIME = Duration.ofMillis(300);
    private static final StreamsPlan STREAMS =
            new StreamsPlan(1, Duration.ofSeconds(1), List.of(5), 0, Duration.ZERO);

    @TempDir Path folder;

    private static PeerPlan plan(URI url) {
        return new PeerPlan(
                url, "any", "sk-peer", 0, Duration.ZERO, new LatencyPlan(1, TIME, TIME), STREAMS);
    }

    @Test
    @Timeout(240)
    void itPutsThePeerBesideSluice() throws Exception {
        var setUp = new TrialReport(folder, "peer", "");
        List<Question> questions = new ArrayList<>(Latencies.QUESTIONS);
        questions.addAll(new Crowds(STREAMS, setUp.report()).questions());
        // It serves another model, and wants a key.
        String script =
                "api_key: sk-peer\n"
                        + Question.script(questions).replace("models: [scripted]", "models: [any]");
        try (ScriptedModel other = ScriptedModel.start(Script.parse(script), 0)) {
            PeerPlan plan = plan(other.baseUrl());
            var report = new TrialReport(folder, "peer", plan);

            boolean clean = new Peer(plan, report.report()).run(folder, Launcher.classPath());

            assertThat(clean).as(report.printed()).isTrue();
            assertThat(report.printed())
                    .containsPattern("\\none at a time +peer - direct +-?\\d")
                    .containsPattern("\\n256 at once +peer( +[\\d,.]+){7} +[\\d,]*[1-9]")
                    .containsPattern("\\n5 +peer +\\d")
                    .containsPattern("\\n5 +sluice - direct +-?\\d");
            assertThat(report.json().toString()).doesNotContain("sk-peer");
        }
    }

    @Test
    void aPeerThatDoesNotAnswerEndsTheTrialWithWhy() {
        PeerPlan plan = plan(URI.create("http://127.0.0.1:1/v1"));
        var report = new TrialReport(folder, "peer", plan);
        try (var load = new Load()) {
            Side side = new ChatSide("peer", plan.url(), plan.model(), plan.key(), load);

            assertThatThrownBy(() -> new Peer(plan, report.report()).await(load, side))
                    .hasMessageStartingWith("peer does not answer: ");
        }
    }
}
