package dev.sluice.bench.fleet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Free ports that stay free while nobody listens on them. They lie below those from which systems
/// give out ports to connections: a client that tries again and again to reach a server that is
/// away would otherwise be given the server's own port one day, and connect to itself.
public final class Ports {
    private static final int FIRST = 12_000;
    private static final int LAST = 30_000;

    private final Set<Integer> given = new HashSet<>();

    /// The next one.
    public int next() {
        for (int tries = 0; tries < 1_000; tries++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            try (var _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
                if (given.add(port)) {
                    return port;
                }
            } catch (IOException _) {
                // Taken.
            }
        }
        throw new FleetException("no free port from %d to %d".formatted(FIRST, LAST));
    }
}
