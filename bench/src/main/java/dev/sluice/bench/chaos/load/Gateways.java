package dev.sluice.bench.chaos.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The gateways, as clients reach them. Thread-safe; calls block.
public final class Gateways implements AutoCloseable {
    /// Longer than a gateway is silent: it sends a comment each second.
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final List<URI> roots;
    private final String key;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;
    private final Watchdog watchdog = new Watchdog();

    /// @param key the API key of all clients
    public Gateways(List<URI> roots, String key) {
        this.roots = List.copyOf(roots);
        this.key = key;
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(2))
                        .executor(threads)
                        .build();
    }

    int count() {
        return roots.size();
    }

    /// The answer's head; its body is still to be read, and ends in an exception if nothing comes
    /// for [#SILENCE].
    HttpResponse<InputStream> post(
            int gateway, String path, String body, Map<String, String> headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                request(gateway, path, headers)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /// As [#post].
    HttpResponse<InputStream> get(int gateway, String path, Map<String, String> headers)
            throws IOException, InterruptedException {
        return http.send(
                request(gateway, path, headers).GET().build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    /// The body of an answer, guarded against silence.
    Watchdog.Watched watched(HttpResponse<InputStream> response) {
        return watchdog.watch(response.body(), SILENCE);
    }

    /// The whole body of an answer, as text.
    String text(HttpResponse<InputStream> response) throws IOException {
        try (Watchdog.Watched body = watched(response)) {
            return new String(body.readAllBytes(), UTF_8);
        }
    }

    private HttpRequest.Builder request(int gateway, String path, Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(roots.get(gateway).resolve(path))
                        .timeout(SILENCE)
                        .header("Authorization", "Bearer " + key);
        headers.forEach(request::header);
        return request;
    }

    @Override
    public void close() {
        watchdog.close();
        http.shutdownNow();
        threads.shutdownNow();
    }
}
