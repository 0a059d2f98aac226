package dev.sluice.bench.chaos.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;

/// A client's change of mind: it has its run cancelled some time after it was accepted.
final class Change {
    private static final Duration PAUSE = Duration.ofMillis(150);
    private static final int LATEST = 4_000;

    private final Gateways gateways;
    private final Ledger ledger;
    private final RandomGenerator random;

    Change(Gateways gateways, Ledger ledger, RandomGenerator random) {
        this.gateways = gateways;
        this.ledger = ledger;
        this.random = random;
    }

    /// Asks one gateway after the other, until one says that it is done, or the time is up. Returns
    /// whether one did. Blocks.
    boolean make(String run, Deadline deadline) throws InterruptedException {
        Thread.sleep(random.nextInt(LATEST));
        int gateway = random.nextInt(gateways.count());
        while (!deadline.passed()) {
            try {
                HttpResponse<InputStream> answer =
                        gateways.post(gateway, "/v1/runs/" + run + "/cancel", "", Map.of());
                String body = gateways.text(answer);
                if (answer.statusCode() == 200) {
                    return true;
                }
                if (answer.statusCode() != 503) {
                    ledger.complain(
                            "a cancellation of %s got status %d: %s"
                                    .formatted(run, answer.statusCode(), body));
                    return false;
                }
            } catch (IOException _) {
                gateway = (gateway + 1) % gateways.count();
            }
            Thread.sleep(PAUSE);
        }
        return false;
    }
}
