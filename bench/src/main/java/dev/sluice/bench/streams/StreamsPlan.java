package dev.sluice.bench.streams;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// How much is measured.
///
/// @param rounds of all numbers of streams
/// @param time that each stream takes
/// @param streams how many there are at once, by turns
/// @param idle how many there are at once whose model is silent
/// @param silence of the model once they are all open
public record StreamsPlan(
        int rounds, Duration time, List<Integer> streams, int idle, Duration silence) {
    /// Files that a process has open beside its streams.
    private static final int OTHER_FILES = 500;

    public StreamsPlan {
        streams = List.copyOf(streams);
    }

    /// Refuses what the system does not let processes do.
    ///
    /// @throws IllegalStateException saying what to raise
    public void checkFiles() {
        int most =
                IntStream.concat(streams.stream().mapToInt(Integer::intValue), IntStream.of(idle))
                        .max()
                        .orElse(0);
        Stream.of(ManagementFactory.getOperatingSystemMXBean())
                .filter(com.sun.management.UnixOperatingSystemMXBean.class::isInstance)
                .map(com.sun.management.UnixOperatingSystemMXBean.class::cast)
                .map(com.sun.management.UnixOperatingSystemMXBean::getMaxFileDescriptorCount)
                .filter(limit -> limit < most + OTHER_FILES)
                .findFirst()
                .ifPresent(limit -> {
                    throw new IllegalStateException(
                            "%d streams need %d open files a process and the limit is %d: raise it with ulimit -n"
                                    .formatted(most, most + OTHER_FILES, limit));
                });
    }
}
