package dev.sluice.bench.chaos.seen;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.Usage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A client's reading of a chat stream, over as many connections as it takes. Belongs to one
/// thread.
///
/// A chunk's number never falls, and on a new connection it lies beyond what was read: else the
/// chunk is doubled. What was lost shows in the text, which only the script can tell.
public final class ChatReading implements Reading {
    private static final String DONE = "[DONE]";

    private final String run;
    private final StringBuilder text = new StringBuilder();
    private final Set<String> ofThisNumber = new HashSet<>();
    private final List<String> faults = new ArrayList<>();
    private final Absence absence = new Absence();
    private Cursor at = Cursor.START;
    private Cursor resumedAfter = Cursor.START;
    private String lastId = "";
    private @Nullable Usage usage;
    private Sighting.@Nullable End end;
    private boolean finished;
    private int doubled;
    private int disordered;
    private int connections;

    public ChatReading(String run) {
        this.run = run;
    }

    @Override
    public void connected() {
        connections++;
        absence.found();
        resumedAfter = at;
    }

    @Override
    public void read(SseFrame frame) {
        if (end != null) {
            disordered++;
            faults.add("a frame after the end: " + Faults.shortened(frame.data()));
            return;
        }
        if (!frame.id().isEmpty() && !move(frame)) {
            return;
        }
        if (frame.data().equals(DONE)) {
            end = Sighting.End.COMPLETED;
            if (!finished) {
                faults.add("[DONE] without a finish_reason");
            }
            return;
        }
        try {
            chunk(Json.FOREIGN.readTree(frame.data()));
        } catch (JacksonException _) {
            faults.add("a frame that is no JSON: " + Faults.shortened(frame.data()));
        }
    }

    /// Takes the frame's number; false if the frame was read before.
    private boolean move(SseFrame frame) {
        Cursor next = Cursor.parse(frame.id()).orElse(null);
        if (next == null) {
            faults.add("a strange id: " + frame.id());
            return true;
        }
        if (next.seq() > at.seq()) {
            if (next.offset() <= at.offset()) {
                disordered++;
            }
            ofThisNumber.clear();
            at = next;
            lastId = frame.id();
        } else if (next.seq() < at.seq()) {
            if (next.seq() <= resumedAfter.seq()) {
                doubled++;
            } else {
                disordered++;
            }
            return false;
        }
        // An event may make several chunks, none of them twice.
        if (!ofThisNumber.add(frame.data()) || next.seq() <= resumedAfter.seq()) {
            doubled++;
            return false;
        }
        return true;
    }

    private void chunk(JsonNode json) {
        if (json.has("error")) {
            String message = json.path("error").path("message").asString("");
            end = Sighting.End.ERROR_FRAME;
            if (!message.contains(run)) {
                faults.add("an error frame that does not name the run: " + message);
            }
            return;
        }
        JsonNode choice = json.path("choices").path(0);
        text.append(choice.path("delta").path("content").asString(""));
        finished |= choice.path("finish_reason").isString();
        if (json.path("usage").isObject()) {
            usage = Faults.usage(json.path("usage"));
        }
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
                Sighting.As.CHAT,
                end == null ? Sighting.End.NONE : end,
                text.toString(),
                usage,
                Trail.NONE,
                0,
                doubled,
                disordered,
                faults,
                absence.longest(),
                connections);
    }
}
