package dev.sluice.bench.chaos.load;

import dev.sluice.common.run.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// How a client starts a run: one that has an idempotency key asks again, of the other gateways,
/// until it is told. Belongs to one thread.
final class Asking {
    private static final Duration PAUSE = Duration.ofMillis(150);
    private static final Duration LONG_PAUSE = Duration.ofMillis(500);

    private final Gateways gateways;
    private final Ledger ledger;
    private final RandomGenerator random;

    Asking(Gateways gateways, Ledger ledger, RandomGenerator random) {
        this.gateways = gateways;
        this.ledger = ledger;
        this.random = random;
    }

    /// Asks until there is an answer, or the time is up.
    ///
    /// @param key the idempotency key; null: none
    Asked ask(String path, String body, @Nullable String key, Deadline deadline)
            throws InterruptedException {
        Map<String, String> headers = new HashMap<>();
        if (key != null) {
            headers.put("Idempotency-Key", key);
        }
        int gateway = random.nextInt(gateways.count());
        boolean doubtful = false;
        while (true) {
            try {
                HttpResponse<InputStream> answer = gateways.post(gateway, path, body, headers);
                Asked asked = decide(gateway, answer);
                if (!(asked instanceof Asked.Refused) || key == null || forbidsRetry(answer)) {
                    return asked;
                }
                if (deadline.passed()) {
                    return doubtful ? new Asked.Unanswered() : asked;
                }
                Thread.sleep(LONG_PAUSE);
            } catch (IOException _) {
                doubtful = true;
                if (key == null || deadline.passed()) {
                    return new Asked.Unanswered();
                }
                Thread.sleep(PAUSE);
            }
            gateway = (gateway + 1) % gateways.count();
        }
    }

    private Asked decide(int gateway, HttpResponse<InputStream> answer) throws IOException {
        if (answer.statusCode() == 200) {
            String run = answer.headers().firstValue("x-sluice-run-id").orElse("");
            if (run.isEmpty()) {
                throw new IOException("a 200 that names no run");
            }
            return new Asked.Accepted(run, gateway, answer);
        }
        String body = gateways.text(answer);
        if (answer.statusCode() == 202) {
            try {
                String run = Json.FOREIGN.readTree(body).path("id").asString("");
                return new Asked.Accepted(run, gateway, answer);
            } catch (JacksonException e) {
                throw new IOException("a 202 that is no JSON", e);
            }
        }
        if (answer.statusCode() != 503 && answer.statusCode() != 429) {
            ledger.complain("a request got status " + answer.statusCode() + ": " + body);
        }
        return new Asked.Refused(answer.statusCode());
    }

    private static boolean forbidsRetry(HttpResponse<InputStream> answer) {
        return answer.headers().firstValue("x-should-retry").orElse("").equals("false");
    }
}
