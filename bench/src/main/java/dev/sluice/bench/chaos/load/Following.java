package dev.sluice.bench.chaos.load;

import dev.sluice.bench.chaos.seen.Reading;
import dev.sluice.bench.chaos.seen.Sighting;
import dev.sluice.bench.chaos.seen.SseFrame;
import dev.sluice.bench.chaos.seen.SseReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// How a client follows a run to its end: a stream that breaks off is taken up again, after the
/// last frame read, at the other gateway. Belongs to one thread.
final class Following {
    private static final Duration PAUSE = Duration.ofMillis(150);

    private final Gateways gateways;
    private final RandomGenerator random;

    Following(Gateways gateways, RandomGenerator random) {
        this.gateways = gateways;
        this.random = random;
    }

    /// Where a stream is taken up.
    ///
    /// @param path without a query, or with one
    /// @param takesHeader whether `Last-Event-ID` does as well as `starting_after`
    record Target(String path, boolean takesHeader) {
        static Target chat(String run) {
            return new Target("/v1/runs/" + run + "/stream?format=chat&include_usage=true", false);
        }

        static Target events(String run) {
            return new Target("/v1/runs/" + run + "/events", true);
        }
    }

    /// Reads a stream to the run's end, or until the time is up.
    ///
    /// @param first the stream's first connection; null: there is none yet
    /// @param gateway whose it is
    /// @param fickle whether the client itself hangs up now and then
    Sighting follow(
            Reading reading,
            Target target,
            @Nullable HttpResponse<InputStream> first,
            int gateway,
            boolean fickle,
            Deadline deadline)
            throws InterruptedException {
        HttpResponse<InputStream> response = first;
        int at = gateway;
        while (!reading.over() && !deadline.passed()) {
            if (response == null) {
                at = (at + 1 + random.nextInt(gateways.count())) % gateways.count();
                response = takeUp(reading, target, at);
            }
            if (response != null) {
                reading.connected();
                read(reading, response, fickle ? 1 + random.nextInt(60) : Integer.MAX_VALUE);
                response = null;
            }
            if (!reading.over()) {
                Thread.sleep(PAUSE);
            }
        }
        return reading.sighting();
    }

    private void read(Reading reading, HttpResponse<InputStream> response, int atMost) {
        try (InputStream body = gateways.watched(response)) {
            SseReader frames = new SseReader(body);
            for (int read = 0; read < atMost || reading.over(); read++) {
                SseFrame frame = frames.next();
                if (frame == null) {
                    return;
                }
                reading.read(frame);
            }
        } catch (IOException _) {
            // It is taken up again.
        }
    }

    private @Nullable HttpResponse<InputStream> takeUp(Reading reading, Target target, int at)
            throws InterruptedException {
        String last = reading.lastId();
        Map<String, String> headers = new HashMap<>();
        headers.put("Accept", "text/event-stream");
        String path = target.path;
        if (!last.isEmpty()) {
            if (target.takesHeader && random.nextBoolean()) {
                headers.put("Last-Event-ID", last);
            } else {
                path += (path.contains("?") ? "&" : "?") + "starting_after=" + last;
            }
        }
        try {
            HttpResponse<InputStream> response = gateways.get(at, path, headers);
            if (response.statusCode() == 200) {
                return response;
            }
            String body = gateways.text(response);
            if (response.statusCode() == 404) {
                reading.missed();
            } else if (response.statusCode() != 503) {
                reading.fault("%s got status %d: %s".formatted(path, response.statusCode(), body));
            }
        } catch (IOException _) {
            // The next attempt goes elsewhere.
        }
        return null;
    }
}
