package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.time.Duration;

/// The HTTP side.
@Doc("The HTTP side.")
public record GatewayConfig(
        @Doc("The address to bind. Anything but loopback needs `keys`, or `allow_anonymous`.")
                @Default("127.0.0.1")
                String host,
        @Doc("The port to bind; 0 takes a free one.") @Default("8080") int port,
        @Doc("Serve an address other than loopback though no keys are configured.")
                @Default("false")
                boolean allowAnonymous,
        @Doc("The largest request body; a larger one is refused with 413.") @Default("8MiB")
                ByteSize maxBody,
        @Doc("The most runs whose clients wait at this gateway; beyond it new ones get 503.")
                @Default("10000")
                int maxWaiting,
        @Doc(
                        "How long the oldest interactive run of this gateway may wait for a worker; while"
                                + " it waits longer, new interactive requests get 503.")
                @Default("30s")
                Duration maxWait,
        @Doc(
                        "How long a run may take where the client's `x-sluice-timeout` does not say"
                                + " less.")
                @Default("10m")
                Duration runTimeout,
        @Doc("Event loops; 0 takes one a core, 4 at the most.") @Default("0") int eventLoops,
        @Doc(
                        "The partitions of the reply topic that this gateway follows, over all its event loops.")
                @Default("4")
                int replyPartitions,
        @Doc("How long a stream may be silent before a comment keeps it alive.") @Default("15s")
                Duration heartbeat,
        @Doc(
                        "What is held in memory for a client that reads slowly; beyond it the stream"
                                + " catches up from the log.")
                @Default("256KiB")
                ByteSize streamBuffer,
        @Doc("How long a client may read nothing of what waits for it before it counts as gone.")
                @Default("60s")
                Duration stallTimeout,
        @Doc("How long requests may go on after SIGTERM.") @Default("30s") Duration drainTimeout,
        @Default("{}") Limits limits) {

    /// Rate limiting as a whole.
    @Doc("Rate limiting as a whole.")
    public record Limits(
            @Doc("What becomes of requests of a limited key while Redis is away.") @Default("allow")
                    OnRedisFailure onRedisFailure) {}

    /// What becomes of requests of a limited key while Redis is away.
    public enum OnRedisFailure {
        /// They pass, and are counted.
        ALLOW,
        /// They get 503.
        DENY
    }

    public GatewayConfig {
        new Checks()
                .that(!host.isBlank(), "host", "must not be blank")
                .that(port >= 0 && port <= 65535, "port", "must be between 0 and 65535")
                .that(
                        maxBody.bytes() >= 1024 && maxBody.bytes() <= 256L << 20,
                        "max_body",
                        "must be between 1KiB and 256MiB")
                .that(maxWaiting >= 1, "max_waiting", "must be 1 or more")
                .that(maxWait.isPositive(), "max_wait", "must be longer than 0")
                .that(
                        runTimeout.isPositive() && runTimeout.compareTo(Duration.ofHours(12)) <= 0,
                        "run_timeout",
                        "must be longer than 0 and at most 12h")
                .that(
                        eventLoops >= 0 && eventLoops <= 64,
                        "event_loops",
                        "must be between 0 and 64")
                .that(
                        replyPartitions >= 1 && replyPartitions <= 1024,
                        "reply_partitions",
                        "must be between 1 and 1024")
                .that(heartbeat.toMillis() >= 100, "heartbeat", "must be 100ms or longer")
                .that(
                        streamBuffer.bytes() >= 1024 && streamBuffer.bytes() <= 1L << 30,
                        "stream_buffer",
                        "must be between 1KiB and 1GiB")
                .that(stallTimeout.isPositive(), "stall_timeout", "must be longer than 0")
                .that(!drainTimeout.isNegative(), "drain_timeout", "must not be negative")
                .done();
    }
}
