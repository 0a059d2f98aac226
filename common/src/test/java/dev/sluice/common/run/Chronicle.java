package dev.sluice.common.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A made-up log of one run: attempts that start, write, lose records, write them twice, hang, wake
/// up and end, in whatever order a list of choices says. Each attempt does what a worker does: it
/// reads the log up to its own start and carries on there, unless it finds that it does not count.
public final class Chronicle {
    static final RunId RUN = new RunId("run_chronicle");

    private final List<Reply> log = new ArrayList<>();
    private final List<Integer> indexed = new ArrayList<>();
    private final List<Writer> writers = new ArrayList<>();
    private int claims;

    private static final class Writer {
        final int attempt;
        final String claim;
        long seq;
        boolean lost;

        Writer(int attempt, String claim, long seq) {
            this.attempt = attempt;
            this.claim = claim;
            this.seq = seq;
        }
    }

    /// The log that these choices make; each is a number from 0 to 99.
    public static Chronicle of(List<Integer> choices) {
        Chronicle chronicle = new Chronicle();
        choices.forEach(chronicle::choose);
        return chronicle;
    }

    /// The replies, in the order of the log.
    public List<Reply> log() {
        return log;
    }

    /// Positions of the steps that a Redis which never forgets would know: those of the attempt
    /// that holds the claim, as long as it has lost nothing.
    public List<Integer> indexed() {
        return indexed;
    }

    private void choose(int choice) {
        if (writers.isEmpty() || choice < 15) {
            start(choice % 3 == 0);
            return;
        }
        // The latest is the likeliest to write; the others are those that hang and wake up.
        Writer writer = choice % 3 == 0 ? writers.get(choice % writers.size()) : writers.getLast();
        if (choice < 25) {
            writer.seq++;
            writer.lost = true;
        } else if (choice < 30) {
            repeat(writer);
        } else if (choice < 60) {
            write(writer, new RunEvent.TextDelta(1, "x"));
        } else if (choice < 80) {
            step(writer);
        } else if (choice < 85) {
            log.add(new Reply(RUN, 0, "", 0, Instant.EPOCH, new RunEvent.CancelRequested()));
        } else if (choice < 92) {
            write(writer, new RunEvent.TurnReset(1));
        } else if (choice < 95) {
            write(writer, new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE));
        } else {
            write(writer, new RunEvent.RunCancelled(Usage.NONE));
        }
    }

    /// Starts an attempt: a new one, or a second claim to the last.
    private void start(boolean sameAttempt) {
        int last = writers.isEmpty() ? 0 : writers.getLast().attempt;
        int attempt = Math.max(1, sameAttempt ? last : last + 1);
        String claim = "claim-" + ++claims;
        log.add(
                new Reply(
                        RUN,
                        attempt,
                        claim,
                        0,
                        Instant.EPOCH,
                        new RunEvent.AttemptStarted("worker")));
        AttemptRule read = new AttemptRule();
        log.forEach(read::counts);
        if (read.isCurrent(attempt, claim) && !read.ended()) {
            writers.add(new Writer(attempt, claim, read.last()));
        }
    }

    private void write(Writer writer, RunEvent event) {
        log.add(new Reply(RUN, writer.attempt, writer.claim, ++writer.seq, Instant.EPOCH, event));
    }

    private void step(Writer writer) {
        if (writer.seq % 2 == 0) {
            write(
                    writer,
                    new RunEvent.TurnCompleted(
                            1,
                            Message.text(Message.Role.ASSISTANT, "x"),
                            FinishReason.STOP,
                            Usage.NONE,
                            "model"));
        } else {
            write(
                    writer,
                    new RunEvent.ToolCompleted(
                            1,
                            "tool",
                            new ContentPart.ToolResult("call", List.of(), false),
                            Duration.ZERO));
        }
        AttemptRule read = new AttemptRule();
        log.subList(0, log.size() - 1).forEach(read::counts);
        if (!writer.lost && !read.ended() && writer == writers.getLast()) {
            indexed.add(log.size() - 1);
        }
    }

    /// A record that the broker took twice.
    private void repeat(Writer writer) {
        log.reversed().stream()
                .filter(reply -> reply.claim().equals(writer.claim))
                .findFirst()
                .ifPresent(log::add);
    }
}
