package dev.sluice.bench.chaos.load;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A number of clients at work. Closing it abandons what they do.
public final class Load implements AutoCloseable {
    private final Gateways gateways;
    private final Ledger ledger = new Ledger();
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean stopping;

    private Load(Gateways gateways) {
        this.gateways = gateways;
    }

    /// Sets clients to work.
    ///
    /// @param roots of the gateways
    /// @param key the API key
    /// @param streams how many clients
    /// @param seed of all that they do
    public static Load start(List<URI> roots, String key, int streams, long seed) {
        Load load = new Load(new Gateways(roots, key));
        for (int i = 0; i < streams; i++) {
            Client client =
                    new Client(
                            "s" + seed + "c" + i,
                            seed * 1_000_003 + i * 17L,
                            load.gateways,
                            load.ledger,
                            () -> load.stopping);
            load.clients.add(Thread.ofVirtual().name("client-" + i).start(client));
        }
        return load;
    }

    /// What they met.
    public Ledger ledger() {
        return ledger;
    }

    /// Lets each client end what it does and begin nothing more; false if some are not done in
    /// time.
    public boolean finish(Duration patience) throws InterruptedException {
        stopping = true;
        long end = System.nanoTime() + patience.toNanos();
        for (Thread client : clients) {
            long left = Math.max(TimeUnit.MILLISECONDS.toNanos(1), end - System.nanoTime());
            client.join(Duration.ofNanos(left));
        }
        return clients.stream().noneMatch(Thread::isAlive);
    }

    @Override
    public void close() {
        stopping = true;
        clients.forEach(Thread::interrupt);
        gateways.close();
    }
}
