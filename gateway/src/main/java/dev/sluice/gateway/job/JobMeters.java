package dev.sluice.gateway.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// What a gateway counts of jobs. Safe for any thread.
final class JobMeters {
    private final MeterRegistry registry;

    JobMeters(MeterRegistry registry) {
        this.registry = registry;
        for (Taken taken : Taken.values()) {
            counter(taken);
        }
        for (Delivery delivery : Delivery.values()) {
            counter(delivery);
        }
    }

    /// What became of a record on the jobs topic.
    enum Taken {
        /// It is a run now.
        ACCEPTED,
        /// It had been one before.
        REPEATED,
        /// It came after its deadline.
        EXPIRED,
        /// It cannot be one.
        REFUSED
    }

    /// What became of a result.
    enum Delivery {
        /// Its topic has it.
        DELIVERED,
        /// The dead-letter topic has it.
        DEAD_LETTERED
    }

    /// Watches a bridge.
    ///
    /// @param of what it takes
    void watch(String of, TopicBridge bridge) {
        TimeGauge.builder(
                        "sluice.jobs.unsettled.oldest",
                        bridge,
                        TimeUnit.MILLISECONDS,
                        watched -> watched.oldest().toMillis())
                .description("How long the first record that is not settled has been under way")
                .tag("of", of)
                .strongReference(true)
                .register(registry);
    }

    void taken(Taken outcome) {
        counter(outcome).increment();
    }

    void result(Delivery outcome) {
        counter(outcome).increment();
    }

    private Counter counter(Taken outcome) {
        return Counter.builder("sluice.jobs")
                .description("Records on the jobs topic, by what became of them")
                .tag("outcome", name(outcome))
                .register(registry);
    }

    private Counter counter(Delivery outcome) {
        return Counter.builder("sluice.job.results")
                .description("Results of jobs, by what became of them")
                .tag("outcome", name(outcome))
                .register(registry);
    }

    private static String name(Enum<?> outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }
}
