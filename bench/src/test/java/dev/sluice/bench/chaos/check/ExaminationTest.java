package dev.sluice.bench.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.chaos.check.HistoryMaker.Shape;
import dev.sluice.bench.chaos.check.Violation.Kind;
import dev.sluice.bench.chaos.script.ToolKind;
import dev.sluice.bench.chaos.seen.RunView;
import dev.sluice.bench.chaos.seen.SseFrame;
import dev.sluice.bench.chaos.tool.ToolLedger;
import dev.sluice.bench.chaos.tool.ToolLedger.Phase;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Histories in which all is well are found clean, and each falsification of one is found out.
class ExaminationTest {
    private static final int SEEDS = 200;

    @ParameterizedTest
    @EnumSource(Shape.class)
    void aHistoryInWhichAllIsWellIsClean(Shape shape) {
        for (long seed = 0; seed < SEEDS; seed++) {
            assertThat(HistoryMaker.make(seed, shape).examine()).as("seed " + seed).isEmpty();
        }
    }

    @Test
    void historiesHaveWhatTheyAreMadeFor() {
        List<History> made =
                Stream.iterate(0L, seed -> seed < SEEDS, seed -> seed + 1)
                        .map(seed -> HistoryMaker.make(seed, Shape.WORK))
                        .toList();

        assertThat(made)
                .anyMatch(history -> history.log.getLast().attempt() > 3)
                .anyMatch(history ->
                        history.tools.stream().anyMatch(entry -> entry.tool() == ToolKind.BOOK))
                .anyMatch(history -> unknown(history));
    }

    private static boolean unknown(History history) {
        return history.log.stream()
                .anyMatch(reply ->
                        reply.event() instanceof RunEvent.ToolCompleted(_, _, var result, _, _)
                                && result.error());
    }

    /// One way to falsify a history, and what it must be found out as.
    record Lie(Shape shape, Kind kind, String words, Consumer<History> told) {}

    static Stream<Arguments> lies() {
        return Stream.of(
                        new Lie(Shape.TALK, Kind.LOST_RUN, "not in the log", h -> h.log.clear()),
                        new Lie(Shape.TALK, Kind.LOST_RUN, "no end", h -> h.log.removeLast()),
                        new Lie(Shape.TALK, Kind.LOST_RUN, "in vain", h -> h.open = true),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "ended otherwise: cancelled",
                                h ->
                                        h.rewrite(
                                                h.log.size() - 1,
                                                new RunEvent.RunCancelled(Usage.NONE))),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "and a client was shown",
                                h -> {
                                    h.cancelled = true;
                                    h.rewrite(
                                            h.log.size() - 1,
                                            new RunEvent.RunCancelled(Usage.NONE));
                                }),
                        new Lie(
                                Shape.TALK,
                                Kind.LOST_RUN,
                                "no client",
                                h -> {
                                    h.known = false;
                                    h.log.removeLast();
                                }),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "ended otherwise",
                                h ->
                                        h.rewrite(
                                                h.log.size() - 1,
                                                new RunEvent.RunFailed(
                                                        new Failure.WorkerLost(), Usage.NONE))),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "after the end",
                                h -> h.log.add(h.following(new RunEvent.RunCancelled(Usage.NONE)))),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "began after the end",
                                ExaminationTest::endAgain),
                        new Lie(
                                Shape.TALK,
                                Kind.LOST_RUN,
                                "no end",
                                h -> h.log.remove(h.lastIndexOf(RunEvent.TextDelta.class))),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "not the script's",
                                h -> alterText(h, "another text")),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "deltas of turn 1",
                                h ->
                                        h.rewrite(
                                                h.lastIndexOf(RunEvent.TextDelta.class),
                                                new RunEvent.TextDelta(1, "oops"))),
                        new Lie(Shape.TALK, Kind.WRONG, "not that of its turns", h -> misreport(h)),
                        new Lie(Shape.WORK, Kind.WRONG, "is not the script's", h -> miscount(h)),
                        new Lie(
                                Shape.TALK,
                                Kind.LOST_FRAME,
                                "missed 1",
                                h -> h.events.remove(numbered(h.events))),
                        new Lie(
                                Shape.TALK,
                                Kind.DOUBLED_FRAME,
                                "1 frames twice",
                                h -> repeat(h.events)),
                        new Lie(
                                Shape.TALK,
                                Kind.DISORDERED_FRAME,
                                "1 frames late",
                                h -> swap(h.events)),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "another text",
                                h -> h.chat.remove(numbered(h.chat))),
                        new Lie(
                                Shape.TALK,
                                Kind.DOUBLED_FRAME,
                                "1 frames twice",
                                h -> repeat(h.chat)),
                        new Lie(
                                Shape.TALK,
                                Kind.DISORDERED_FRAME,
                                "frames late",
                                h -> swap(h.chat)),
                        new Lie(
                                Shape.TALK,
                                Kind.DISORDERED_FRAME,
                                "frames late",
                                h -> h.chat.add(h.chat.getLast())),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "gave up",
                                h -> h.events.subList(3, h.events.size()).clear()),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "no text was made void",
                                h ->
                                        h.chat.set(
                                                h.chat.size() - 3,
                                                error(
                                                        h.chat.subList(
                                                                h.chat.size() - 2,
                                                                h.chat.size())))),
                        new Lie(
                                Shape.WAVERING,
                                Kind.WRONG,
                                "not the script's",
                                h -> alterText(h, h.errand.answer().replaceFirst("#0", "#9"))),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "told of as running",
                                h -> view(h, "running")),
                        new Lie(Shape.TALK, Kind.WRONG, "told of as nothing", h -> h.view = null),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "told of with another",
                                h ->
                                        h.view =
                                                new RunView(
                                                        "completed", "x", view(h).usage(), 1, "")),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "told of with usage",
                                h ->
                                        h.view =
                                                new RunView(
                                                        "completed",
                                                        view(h).text(),
                                                        History.more(
                                                                Objects.requireNonNull(
                                                                        view(h).usage())),
                                                        1,
                                                        "")),
                        new Lie(
                                Shape.TALK,
                                Kind.ABSENT_RUN,
                                "not found for 1.5 s",
                                h -> h.absent = Duration.ofMillis(1500)),
                        new Lie(
                                Shape.TALK,
                                Kind.WRONG,
                                "got 500",
                                h -> h.complaints.add("got 500")),
                        new Lie(
                                Shape.WORK,
                                Kind.DOUBLED_TOOL_CALL,
                                "after it had completed",
                                ExaminationTest::callAgain),
                        new Lie(
                                Shape.WORK,
                                Kind.WRONG,
                                "never executed",
                                h -> {
                                    result(
                                            h,
                                            h.tools
                                                    .getFirst()
                                                    .tool()
                                                    .result(h.tools.getFirst().key()));
                                    h.tools.removeIf(entry -> entry.phase() == Phase.COMPLETED);
                                }),
                        new Lie(
                                Shape.WORK,
                                Kind.WRONG,
                                "in no completed turn",
                                h -> h.tools.add(entry(h, ToolKind.LOOK, "elsewhere", "run_x/y"))),
                        new Lie(
                                Shape.WORK,
                                Kind.WRONG,
                                "was made as run_x/y",
                                h -> {
                                    ToolLedger.Entry first = h.tools.getFirst();
                                    h.tools.set(0, entry(h, first.tool(), first.key(), "run_x/y"));
                                }),
                        new Lie(Shape.WORK, Kind.WRONG, "returned: x", h -> result(h, "x")))
                .map(lie -> Arguments.of(lie.words, lie));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void aLieIsFoundOut(String words, Lie lie) {
        for (long seed = 0; seed < SEEDS / 5; seed++) {
            History history = HistoryMaker.make(seed, lie.shape);

            lie.told.accept(history);

            assertThat(history.examine())
                    .as("seed " + seed)
                    .anySatisfy(violation -> {
                        assertThat(violation.kind()).isEqualTo(lie.kind);
                        assertThat(violation.what()).contains(words);
                    });
        }
    }

    @Test
    void aToolThatMustNotBeRepeatedIsFoundOutWhenItIs() {
        int tried = 0;
        for (long seed = 0; seed < SEEDS / 5; seed++) {
            History history = HistoryMaker.make(seed, Shape.WORK);
            for (ToolLedger.Entry entry : List.copyOf(history.tools)) {
                if (entry.tool() == ToolKind.BOOK && entry.phase() == Phase.STARTED) {
                    history.tools.add(entry);
                    assertThat(history.examine())
                            .anyMatch(violation -> violation.kind() == Kind.DOUBLED_TOOL_CALL);
                    tried++;
                }
            }
        }
        assertThat(tried).isPositive();
    }

    private static void endAgain(History history) {
        Reply end = history.log.getLast();
        int attempt = end.attempt() + 1;
        for (RunEvent event :
                List.of(
                        new RunEvent.AttemptStarted("late"),
                        new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE))) {
            history.log.add(new Reply(end.run(), attempt, "late", end.seq() + 1, end.at(), event));
        }
    }

    private static void alterText(History history, String text) {
        int last = history.lastIndexOf(RunEvent.TurnCompleted.class);
        RunEvent.TurnCompleted turn = (RunEvent.TurnCompleted) history.log.get(last).event();
        history.rewrite(
                last,
                new RunEvent.TurnCompleted(
                        turn.turn(),
                        Message.text(Message.Role.ASSISTANT, text),
                        turn.finishReason(),
                        turn.usage(),
                        turn.model()));
    }

    private static void misreport(History history) {
        RunEvent.RunCompleted end = (RunEvent.RunCompleted) history.log.getLast().event();
        history.rewrite(
                history.log.size() - 1,
                new RunEvent.RunCompleted(end.finishReason(), History.more(end.usage())));
    }

    private static void miscount(History history) {
        int index = history.indexOf(RunEvent.TurnCompleted.class);
        RunEvent.TurnCompleted turn = (RunEvent.TurnCompleted) history.log.get(index).event();
        history.rewrite(
                index,
                new RunEvent.TurnCompleted(
                        turn.turn(),
                        turn.message(),
                        turn.finishReason(),
                        History.more(turn.usage()),
                        turn.model()));
        misreport(history);
    }

    private static int numbered(List<SseFrame> frames) {
        int index = frames.size() / 3;
        while (frames.get(index).id().isEmpty()) {
            index++;
        }
        return index;
    }

    private static void repeat(List<SseFrame> frames) {
        int index = numbered(frames);
        frames.add(index + 1, frames.get(index));
    }

    private static void swap(List<SseFrame> frames) {
        int index = numbered(frames);
        int next = index + 1;
        while (frames.get(next).id().isEmpty()) {
            next++;
        }
        Collections.swap(frames, index, next);
    }

    private static SseFrame error(List<SseFrame> rest) {
        rest.clear();
        return new SseFrame("", "", "{\"error\":{\"message\":\"" + History.RUN + "\"}}");
    }

    private static RunView view(History history) {
        return Objects.requireNonNull(history.view);
    }

    private static void view(History history, String status) {
        RunView view = view(history);
        history.view = new RunView(status, view.text(), view.usage(), 1, "");
    }

    private static void callAgain(History history) {
        ToolLedger.Entry last = history.tools.getLast();
        history.tools.add(
                new ToolLedger.Entry(
                        last.at().plus(Duration.ofSeconds(1)),
                        Phase.STARTED,
                        ToolKind.LOOK,
                        last.key(),
                        last.id()));
        history.tools.replaceAll(entry ->
                entry.key().equals(last.key())
                        ? new ToolLedger.Entry(
                                entry.at(), entry.phase(), ToolKind.LOOK, entry.key(), entry.id())
                        : entry);
    }

    private static ToolLedger.Entry entry(History history, ToolKind tool, String key, String id) {
        return new ToolLedger.Entry(history.log.getFirst().at(), Phase.STARTED, tool, key, id);
    }

    private static void result(History history, String text) {
        int index = history.indexOf(RunEvent.ToolCompleted.class);
        RunEvent.ToolCompleted tool = (RunEvent.ToolCompleted) history.log.get(index).event();
        history.rewrite(
                index,
                new RunEvent.ToolCompleted(
                        tool.turn(),
                        tool.tool(),
                        ContentPart.ToolResult.text(tool.result().callId(), text, false),
                        tool.duration()));
    }
}
