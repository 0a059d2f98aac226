package dev.sluice.bench.chaos.fault;

/// The kinds of faults, by how often they come in a mix.
public enum FaultKind {
    /// `kill -9` of a worker, which is started again at once.
    WORKER_KILL("worker kill", 10),
    /// `kill -9` of a gateway, which is started again at once.
    GATEWAY_KILL("gateway kill", 5),
    /// A worker is stopped past its lease (SIGSTOP) and continued.
    WORKER_PAUSE("worker pause", 4),
    /// A worker is told to end (SIGTERM) and replaced.
    WORKER_DRAIN("worker drain", 4),
    /// `kill -9` of Redis, which comes back with its data.
    REDIS_KILL("redis kill", 2),
    /// `kill -9` of Redis, which comes back empty.
    REDIS_EMPTIED("redis emptied", 1),
    /// `kill -9` of the broker, which comes back with its data.
    BROKER_KILL("broker kill", 2);

    private final String words;
    private final int weight;

    FaultKind(String words, int weight) {
        this.words = words;
        this.weight = weight;
    }

    int weight() {
        return weight;
    }

    /// Whether a worker loses its runs by it.
    public boolean takesWorker() {
        return this == WORKER_KILL || this == WORKER_PAUSE || this == WORKER_DRAIN;
    }

    @Override
    public String toString() {
        return words;
    }
}
