package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.math.BigDecimal;
import java.time.Duration;

/// The side that executes runs.
@Doc("The side that executes runs.")
public record WorkerConfig(
        @Doc("Slots: the most runs that this worker executes at once.") @Default("256")
                int concurrency,
        @Doc(
                        "The share of the slots, 0 to 1, that batch runs may take: rounded down, but one"
                                + " slot at the least. With 0 this worker takes no batch runs.")
                @Default("0.25")
                double batchShare,
        @Doc("How long runs may go on after SIGTERM.") @Default("30s") Duration drainTimeout,
        @Doc("The address of `/health`, `/ready` and `/metrics`.") @Default("127.0.0.1")
                String host,
        @Doc("The port of `/health`, `/ready` and `/metrics`; 0 takes a free one.") @Default("8081")
                int port,
        @Doc(
                        "How long what the server's own tools did is kept for the request that brings"
                                + " the results of the client's tools.")
                @Default("24h")
                Duration continuationTtl,
        @Default("{}") Lease lease) {

    /// How workers tell that one of them is gone.
    @Doc("How workers tell that one of them is gone.")
    public record Lease(
            @Doc("How often a worker says that it lives.") @Default("500ms") Duration beat,
            @Doc("How long after its last beat its runs are given to others.") @Default("2500ms")
                    Duration ttl,
            @Doc(
                            "How long before that it begins no turn and no tool call any more until it"
                                    + " has been heard again.")
                    @Default("500ms")
                    Duration margin,
            @Doc("How often workers look for one that is gone.") @Default("250ms") Duration reap) {
        public Lease {
            new Checks()
                    .that(beat.toMillis() >= 50, "beat", "must be 50ms or longer")
                    .that(
                            ttl.compareTo(beat.multipliedBy(2).plus(margin)) >= 0,
                            "ttl",
                            "must be two beats and the margin, or longer",
                            "beat",
                            "margin")
                    .that(!margin.isNegative(), "margin", "must not be negative")
                    .that(reap.toMillis() >= 50, "reap", "must be 50ms or longer")
                    .done();
        }
    }

    public WorkerConfig {
        new Checks()
                .that(!host.isBlank(), "host", "must not be blank")
                .that(
                        concurrency >= 1 && concurrency <= 100_000,
                        "concurrency",
                        "must be between 1 and 100000")
                .that(batchShare >= 0 && batchShare <= 1, "batch_share", "must be between 0 and 1")
                .that(!drainTimeout.isNegative(), "drain_timeout", "must not be negative")
                .that(port >= 0 && port <= 65535, "port", "must be between 0 and 65535")
                .that(continuationTtl.toSeconds() >= 1, "continuation_ttl", "must be 1s or longer")
                .done();
    }

    /// How many of the slots batch runs may take.
    public int batchSlots() {
        int share =
                BigDecimal.valueOf(batchShare).multiply(BigDecimal.valueOf(concurrency)).intValue();
        return batchShare == 0 ? 0 : Math.max(1, share);
    }
}
