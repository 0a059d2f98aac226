package dev.sluice.bench.fleet;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Asks processes whether they are ready, and what they count.
public final class ReadyProbe implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(1))
                    .build();

    /// Waits until `/ready` says so.
    public void await(Role role) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        String last = "no answer";
        while (true) {
            try {
                HttpResponse<String> answer = get(role, "/ready");
                if (answer.statusCode() == 200) {
                    return;
                }
                last = answer.body();
            } catch (IOException e) {
                last = e.toString();
            }
            role.refuseDead();
            if (System.nanoTime() > end) {
                throw new FleetException(role + " is not ready again: " + last);
            }
            Thread.sleep(POLL);
        }
    }

    /// The value of one of its metrics that has no labels.
    double metric(Role role, String name) throws InterruptedException {
        try {
            return get(role, "/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElseThrow(() -> new FleetException(role + " does not count " + name));
        } catch (IOException e) {
            throw new FleetException(role + " does not say what it counts", e);
        }
    }

    private HttpResponse<String> get(Role role, String path)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(role.url().resolve(path))
                        .timeout(Duration.ofSeconds(5))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
