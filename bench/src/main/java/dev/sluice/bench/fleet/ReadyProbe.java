package dev.sluice.bench.fleet;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Asks processes whether they are ready.
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
                HttpResponse<String> answer =
                        http.send(
                                HttpRequest.newBuilder(role.url().resolve("/ready"))
                                        .timeout(Duration.ofSeconds(5))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
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

    @Override
    public void close() {
        http.shutdownNow();
    }
}
