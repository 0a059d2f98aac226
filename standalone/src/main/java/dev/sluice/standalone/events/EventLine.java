package dev.sluice.standalone.events;

import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditEvent.HttpFacts;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.audit.FailureFacts;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.run.FinishReason;
import dev.sluice.standalone.terminal.Printable;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// An event as a line for people: when, what, whose, and what there is to say about it.
public final class EventLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private static final DateTimeFormatter DATE_AND_TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

    private final Clock clock;

    /// @param clock says which zone's times they are, and what need not be said of the date
    public EventLine(Clock clock) {
        this.clock = clock;
    }

    private String time(Instant at) {
        ZonedDateTime time = at.atZone(clock.getZone());
        boolean today = time.toLocalDate().equals(LocalDate.now(clock));
        return (today ? TIME : DATE_AND_TIME).format(time);
    }

    /// The line, without its end.
    public String of(AuditRecord record) {
        return "%s  %-15s  %s%s"
                .formatted(
                        time(record.at()),
                        record.event().type().shortName(),
                        about(record),
                        what(record.event()))
                .stripTrailing();
    }

    private static String about(AuditRecord record) {
        Subject subject = record.subject();
        StringBuilder about = new StringBuilder();
        if (subject.run() != null) {
            about.append(subject.run().value()).append("  ");
        }
        append(about, "key ", subject.key());
        append(about, "agent ", subject.agent());
        append(about, "job ", subject.job());
        if (record.attempt() > 1) {
            about.append("attempt ").append(record.attempt()).append("  ");
        }
        return about.toString();
    }

    private static void append(StringBuilder line, String name, @Nullable String value) {
        if (value != null) {
            line.append(name).append(Printable.line(value)).append("  ");
        }
    }

    private static String what(AuditEvent event) {
        return switch (event) {
            case AuditEvent.RunAccepted accepted ->
                    accepted.lane().wireName() + ", " + count(accepted.messages(), "message");
            case AuditEvent.RunStarted(String worker) -> by(worker);
            case AuditEvent.RunWaiting _ -> "for another worker";
            case AuditEvent.RunResumed(String worker) -> by(worker);
            case AuditEvent.TurnCompleted turn ->
                    "turn %d, %s, %s, %s%s"
                            .formatted(
                                    turn.turn(),
                                    Printable.line(turn.model()),
                                    word(turn.finishReason()),
                                    tokens(turn.usage()),
                                    turn.toolCalls() == 0
                                            ? ""
                                            : ", " + count(turn.toolCalls(), "tool call"));
            case AuditEvent.TurnCut(int turn, Tokens usage) ->
                    "turn %d, about %s".formatted(turn, tokens(usage));
            case AuditEvent.ToolCalled tool ->
                    "%s, %s, %s"
                            .formatted(
                                    tool.tool() == null
                                            ? "no such tool"
                                            : Printable.line(tool.tool()),
                                    tool.outcome().name().toLowerCase(Locale.ROOT),
                                    millis(tool.durationMs()));
            case AuditEvent.RunEnded end -> end(end);
            case AuditEvent.RequestDenied denied ->
                    denied.reason() + ", " + who(denied) + omitted(denied.omitted());
            case AuditEvent.RequestLimited limited ->
                    "%d a minute, %s%s"
                            .formatted(
                                    limited.limit(),
                                    request(limited.request()),
                                    omitted(limited.omitted()));
        };
    }

    private static String end(AuditEvent.RunEnded end) {
        FinishReason reason = end.finishReason();
        FailureFacts failure = end.failure();
        String how = reason != null ? word(reason) : failure != null ? failure.code() : "";
        return "%s%s, %s, %s, %s"
                .formatted(
                        how.isEmpty() ? "" : Printable.line(how) + ", ",
                        count(end.turns(), "turn"),
                        count(end.toolCalls(), "tool call"),
                        tokens(end.usage()),
                        millis(end.durationMs()));
    }

    private static String by(@Nullable String worker) {
        return worker == null ? "" : "by " + Printable.line(worker);
    }

    private static String who(AuditEvent.RequestDenied denied) {
        HttpFacts request = denied.request();
        return request == null
                ? "source '" + Printable.line(String.valueOf(denied.source())) + "'"
                : request(request);
    }

    private static String request(HttpFacts request) {
        String from = request.remoteAddress();
        return "%s %s%s"
                .formatted(
                        request.method(),
                        Printable.line(request.path()),
                        from == null ? "" : " from " + from);
    }

    private static String omitted(@Nullable Long omitted) {
        return omitted == null ? "" : " (and %d before that are left out)".formatted(omitted);
    }

    private static String tokens(Tokens usage) {
        return "%d + %d tokens".formatted(usage.promptTokens(), usage.completionTokens());
    }

    private static String millis(long millis) {
        return millis < 1_000
                ? millis + " ms"
                : String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }

    private static String word(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
