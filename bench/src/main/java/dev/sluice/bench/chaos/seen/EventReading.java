package dev.sluice.bench.chaos.seen;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.Usage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A watcher's reading of a run's events, over as many connections as it takes. Belongs to one
/// thread.
///
/// Numbers go up by one, whatever the connection: one that was left out is lost, one that was read
/// before is doubled.
public final class EventReading implements Reading {
    private static final String ATTEMPT_STARTED = "attempt_started";
    private static final int MOST_MISSING = 10_000;

    private final String run;
    private final TreeMap<Integer, StringBuilder> turns = new TreeMap<>();
    private final Set<Long> missing = new HashSet<>();
    private final List<String> faults = new ArrayList<>();
    private final Absence absence = new Absence();
    private Cursor at = Cursor.START;
    private String lastId = "";
    private Trail trail = Trail.NONE;
    private @Nullable Usage usage;
    private Sighting.@Nullable End end;
    private int doubled;
    private int disordered;
    private int connections;

    public EventReading(String run) {
        this.run = run;
    }

    @Override
    public void connected() {
        connections++;
        absence.found();
    }

    @Override
    public void read(SseFrame frame) {
        if (end != null) {
            disordered++;
            faults.add("a frame after the end: " + Faults.shortened(frame.data()));
            return;
        }
        JsonNode event;
        try {
            event = Json.FOREIGN.readTree(frame.data());
        } catch (JacksonException _) {
            faults.add("a frame that is no JSON: " + Faults.shortened(frame.data()));
            return;
        }
        if (event.has("error") && frame.id().isEmpty()) {
            faults.add("an error frame: " + Faults.shortened(frame.data()));
        } else if (!frame.event().equals(ATTEMPT_STARTED) && moved(frame, event)) {
            event(frame.event(), event);
        }
    }

    private boolean moved(SseFrame frame, JsonNode event) {
        Cursor next = Cursor.parse(frame.id()).orElse(null);
        if (next == null) {
            faults.add("a strange id of " + frame.event() + ": " + frame.id());
            return false;
        }
        if (event.path("seq").asLong(-1) != next.seq()
                || !event.path("run").asString("").equals(run)
                || !event.path("type").asString("").equals(frame.event())) {
            faults.add("a frame at odds with itself: " + Faults.shortened(frame.data()));
        }
        if (next.seq() <= at.seq()) {
            if (missing.remove(next.seq())) {
                disordered++;
            } else {
                doubled++;
            }
            return false;
        }
        for (long seq = at.seq() + 1; seq < next.seq() && missing.size() < MOST_MISSING; seq++) {
            missing.add(seq);
        }
        if (next.offset() <= at.offset()) {
            disordered++;
        }
        at = next;
        lastId = frame.id();
        return true;
    }

    private void event(String type, JsonNode event) {
        trail = trail.and(at.seq(), type);
        int turn = event.path("turn").asInt(0);
        switch (type) {
            case "text_delta" -> said(turn).append(event.path("text").asString(""));
            case "turn_reset" -> said(turn).setLength(0);
            case "run_completed" -> end(Sighting.End.COMPLETED, event);
            case "run_failed", "run_cancelled" -> end(Sighting.End.FAILED, event);
            // The rest is for the log's own examination.
            default -> {}
        }
    }

    private void end(Sighting.End how, JsonNode event) {
        end = how;
        if (event.path("usage").isObject()) {
            usage = Faults.usage(event.path("usage"));
        }
    }

    private StringBuilder said(int turn) {
        return turns.computeIfAbsent(turn, _ -> new StringBuilder());
    }

    @Override
    public String lastId() {
        return lastId;
    }

    @Override
    public boolean over() {
        return end != null;
    }

    @Override
    public void fault(String what) {
        faults.add(what);
    }

    @Override
    public void missed() {
        absence.missed();
    }

    @Override
    public Sighting sighting() {
        return new Sighting(
                Sighting.As.EVENTS,
                end == null ? Sighting.End.NONE : end,
                turns.values().stream()
                        .filter(turn -> !turn.isEmpty())
                        .collect(Collectors.joining("\n\n")),
                usage,
                trail,
                missing.size(),
                doubled,
                disordered,
                faults,
                absence.longest(),
                connections);
    }
}
