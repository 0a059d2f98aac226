package dev.sluice.bench.chaos.check;

import dev.sluice.bench.chaos.load.Ledger;
import dev.sluice.bench.chaos.script.Errand;
import dev.sluice.bench.chaos.seen.AcceptedRun;
import dev.sluice.bench.chaos.seen.ChatReading;
import dev.sluice.bench.chaos.seen.EventReading;
import dev.sluice.bench.chaos.seen.Reading;
import dev.sluice.bench.chaos.seen.RunView;
import dev.sluice.bench.chaos.seen.SseFrame;
import dev.sluice.bench.chaos.tool.ToolLedger;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All that is known of one run, to be falsified: the log as it was written, the frames that
/// clients were sent, what was told of the run, and the tools' ledger.
final class History {
    static final String RUN = "run_0123456789abcdef";

    final Errand errand;
    final List<Reply> log = new ArrayList<>();
    final List<SseFrame> events = new ArrayList<>();
    final List<SseFrame> chat = new ArrayList<>();
    final List<ToolLedger.Entry> tools = new ArrayList<>();
    final List<String> complaints = new ArrayList<>();
    @Nullable RunView view;
    Duration absent = Duration.ZERO;
    boolean open;
    boolean cancelled;
    boolean known = true;

    History(Errand errand) {
        this.errand = errand;
    }

    /// What the examination finds.
    List<Violation> examine() {
        RunAuditor auditor = new RunAuditor();
        log.forEach(auditor::take);
        AcceptedRun run =
                new AcceptedRun(
                        RUN,
                        "CHAT",
                        errand,
                        Stream.of(
                                        read(new EventReading(RUN), events),
                                        read(new ChatReading(RUN), chat))
                                .map(Reading::sighting)
                                .toList(),
                        view,
                        absent,
                        cancelled);
        Ledger.Account account =
                new Ledger.Account(
                        known && !open ? List.of(run) : List.of(),
                        open ? Set.of(RUN) : Set.of(),
                        0,
                        0,
                        complaints);
        Map<String, LoggedRun> logged = log.isEmpty() ? Map.of() : Map.of(RUN, auditor.finish());
        return Examination.of(logged, account, tools, List.of()).violations();
    }

    /// Reads frames over two connections, of which the first breaks in the middle.
    private static Reading read(Reading reading, List<SseFrame> frames) {
        reading.connected();
        frames.subList(0, frames.size() / 2).forEach(reading::read);
        reading.connected();
        frames.subList(frames.size() / 2, frames.size()).forEach(reading::read);
        return reading;
    }

    int indexOf(Class<? extends RunEvent> type) {
        for (int i = 0; i < log.size(); i++) {
            if (type.isInstance(log.get(i).event())) {
                return i;
            }
        }
        throw new AssertionError("no " + type);
    }

    int lastIndexOf(Class<? extends RunEvent> type) {
        for (int i = log.size() - 1; i >= 0; i--) {
            if (type.isInstance(log.get(i).event())) {
                return i;
            }
        }
        throw new AssertionError("no " + type);
    }

    /// Puts another event in the place of one of the log.
    void rewrite(int index, RunEvent event) {
        Reply old = log.get(index);
        log.set(
                index,
                new Reply(old.run(), old.attempt(), old.claim(), old.seq(), old.at(), event));
    }

    /// A reply that follows on the log's last, by the same attempt.
    Reply following(RunEvent event) {
        Reply last = log.getLast();
        return new Reply(
                last.run(), last.attempt(), last.claim(), last.seq() + 1, last.at(), event);
    }

    static Usage more(Usage usage) {
        return usage.plus(new Usage(1, 0, 0, 0));
    }
}
