package dev.sluice.bench.chaos.check;

import dev.sluice.bench.chaos.check.Violation.Kind;
import dev.sluice.bench.chaos.script.Errand;
import dev.sluice.bench.chaos.seen.AcceptedRun;
import dev.sluice.bench.chaos.seen.RunView;
import dev.sluice.bench.chaos.seen.Sighting;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Holds one accepted run's log against the script, and what its clients were shown against the
/// log.
final class RunCheck {
    private final AcceptedRun accepted;
    private final List<Violation> found = new ArrayList<>();

    private RunCheck(AcceptedRun accepted) {
        this.accepted = accepted;
    }

    static List<Violation> of(AcceptedRun accepted, @Nullable LoggedRun logged) {
        RunCheck check = new RunCheck(accepted);
        check.run(logged);
        return check.found;
    }

    private void run(@Nullable LoggedRun logged) {
        accepted.sightings().forEach(this::frames);
        absent(accepted.absent());
        if (logged == null || logged.end() == null) {
            violation(
                    Kind.LOST_RUN, logged == null ? "is not in the log" : "has no end in the log");
            return;
        }
        if (logged.cancelled() && accepted.cancelled()) {
            accepted.sightings().forEach(sighting -> cancelled(sighting, logged));
            if (accepted.view() == null || !accepted.view().status().equals("cancelled")) {
                wrong("was cancelled and is told of as " + accepted.view());
            }
            return;
        }
        if (!logged.completed()) {
            wrong("ended otherwise: " + logged.end().what());
            return;
        }
        if (!script(logged)) {
            return;
        }
        String text =
                logged.turns().stream()
                        .map(LoggedRun.Turn::text)
                        .collect(Collectors.joining("\n\n"));
        accepted.sightings().forEach(sighting -> sighting(sighting, logged, text));
        view(accepted.view(), logged, text);
    }

    private void cancelled(Sighting sighting, LoggedRun logged) {
        if (sighting.end() != Sighting.End.FAILED || !sighting.trail().equals(logged.trail())) {
            wrong(
                    "was cancelled after %d events, and a client was shown %d and the end %s"
                            .formatted(
                                    logged.trail().count(),
                                    sighting.trail().count(),
                                    sighting.end()));
        }
    }

    private void frames(Sighting sighting) {
        String who = "a " + sighting.as().name().toLowerCase(Locale.ROOT) + " client ";
        if (sighting.lost() > 0) {
            violation(Kind.LOST_FRAME, who + "missed " + sighting.lost() + " frames");
        }
        if (sighting.doubled() > 0) {
            violation(Kind.DOUBLED_FRAME, who + "got " + sighting.doubled() + " frames twice");
        }
        if (sighting.disordered() > 0) {
            violation(Kind.DISORDERED_FRAME, who + "got " + sighting.disordered() + " frames late");
        }
        absent(sighting.absent());
        sighting.faults().forEach(fault -> wrong(who + "met " + fault));
    }

    private void absent(Duration absent) {
        if (absent.isPositive()) {
            violation(
                    Kind.ABSENT_RUN,
                    "was not found for %.1f s".formatted(absent.toMillis() / 1000.0));
        }
    }

    /// Whether the log tells the errand's story.
    private boolean script(LoggedRun logged) {
        Errand errand = accepted.errand();
        if (logged.turns().size() != errand.rounds().size() + 1) {
            wrong("has %d turns".formatted(logged.turns().size()));
            return false;
        }
        List<List<String>> results = new ArrayList<>();
        for (int i = 0; i < errand.rounds().size(); i++) {
            Errand.Round round = errand.rounds().get(i);
            LoggedRun.Turn turn = logged.turns().get(i);
            if (!turn.text().equals(round.preface()) || !called(round).equals(called(turn))) {
                wrong("turn %d is not the script's".formatted(i + 1));
                return false;
            }
            results.add(results(turn, logged));
            if (results.getLast().size() != turn.calls().size()) {
                wrong("a tool call of turn %d has no result".formatted(i + 1));
                return false;
            }
        }
        String expected = errand.lastText(results.isEmpty() ? List.of() : results.getLast());
        if (!errand.matches(expected, logged.turns().getLast().text())) {
            wrong(
                    "the text is not the script's: "
                            + Difference.of(expected, logged.turns().getLast().text()));
            return false;
        }
        Usage sum =
                logged.turns().stream().map(LoggedRun.Turn::usage).reduce(Usage.NONE, Usage::plus);
        Usage told = Objects.requireNonNull(logged.end()).usage();
        if (!sum.equals(told)) {
            wrong("usage %s is not that of its turns, %s".formatted(told, sum));
        }
        if (!sum.equals(errand.usage(results))) {
            wrong("usage %s is not the script's, %s".formatted(sum, errand.usage(results)));
        }
        return true;
    }

    private static List<String> called(Errand.Round round) {
        return round.calls().stream()
                .map(call -> call.tool().modelName() + call.arguments())
                .toList();
    }

    private static List<String> called(LoggedRun.Turn turn) {
        return turn.calls().stream().map(call -> call.name() + call.arguments()).toList();
    }

    private static List<String> results(LoggedRun.Turn turn, LoggedRun logged) {
        List<String> results = new ArrayList<>();
        for (ContentPart.ToolCall call : turn.calls()) {
            logged.tools().stream()
                    .filter(tool -> tool.callId().equals(call.id()))
                    .findFirst()
                    .ifPresent(tool -> results.add(tool.text()));
        }
        return results;
    }

    private void sighting(Sighting sighting, LoggedRun logged, String text) {
        switch (sighting.end()) {
            case COMPLETED -> {
                if (!sighting.text().equals(text)) {
                    wrong(
                            "a client read another text than the log has: "
                                    + Difference.of(text, sighting.text()));
                }
                if (!same(sighting.usage(), logged)) {
                    wrong("a client was told of usage " + sighting.usage());
                }
                if (sighting.as() == Sighting.As.EVENTS
                        && !sighting.trail().equals(logged.trail())) {
                    wrong(
                            "a client was shown %d events which are not the log's %d"
                                    .formatted(sighting.trail().count(), logged.trail().count()));
                }
            }
            case ERROR_FRAME -> {
                if (!logged.voided()) {
                    wrong("a stream ended in an error frame though no text was made void");
                }
            }
            case FAILED -> wrong("a client was shown a failure");
            case NONE -> wrong("a client gave up on it");
        }
    }

    private void view(@Nullable RunView view, LoggedRun logged, String text) {
        if (view == null || !view.status().equals("completed")) {
            wrong("is told of as %s".formatted(view == null ? "nothing" : view.status()));
        } else if (!text.equals(view.text())) {
            wrong(
                    "is told of with another text than the log has: "
                            + Difference.of(text, String.valueOf(view.text())));
        } else if (!same(view.usage(), logged)) {
            wrong("is told of with usage " + view.usage());
        }
    }

    private static boolean same(@Nullable Usage told, LoggedRun logged) {
        Usage real = Objects.requireNonNull(logged.end()).usage();
        return told != null
                && real != null
                && told.input() == real.input()
                && told.output() == real.output();
    }

    private void wrong(String what) {
        violation(Kind.WRONG, what);
    }

    private void violation(Kind kind, String what) {
        found.add(
                new Violation(
                        kind,
                        accepted.run(),
                        "%s (%s, %s)"
                                .formatted(what, accepted.started(), accepted.errand().nonce())));
    }
}
