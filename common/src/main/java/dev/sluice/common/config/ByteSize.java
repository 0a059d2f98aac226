package dev.sluice.common.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes, not negative. Written as `512`, `64KiB`, `8MiB`, `1GiB`, or in powers of 1000
/// as `64KB`, `8MB`, `1GB`.
public record ByteSize(long bytes) {
    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,18}) ?(B|[KMG]i?B)?");
    private static final Map<String, Long> UNITS =
            Map.of(
                    "B",
                    1L,
                    "KB",
                    1_000L,
                    "MB",
                    1_000_000L,
                    "GB",
                    1_000_000_000L,
                    "KiB",
                    1L << 10,
                    "MiB",
                    1L << 20,
                    "GiB",
                    1L << 30);

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is not negative");
        }
    }

    /// Reads a size as the file has it.
    ///
    /// @throws IllegalArgumentException when the text is no size
    /// @throws ArithmeticException when it is beyond a `long`
    public static ByteSize parse(String text) {
        Matcher written = WRITTEN.matcher(text);
        if (!written.matches()) {
            throw new IllegalArgumentException("no size");
        }
        String unit = written.group(2) == null ? "B" : written.group(2);
        return new ByteSize(
                Math.multiplyExact(Long.parseLong(written.group(1)), UNITS.getOrDefault(unit, 1L)));
    }

    /// The size as an `int`, for buffers and broker settings; sizes beyond 2 GiB are cut to it.
    public int toInt() {
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    /// As the file would have it, in the largest unit that keeps it whole.
    @Override
    public String toString() {
        for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
            long size = UNITS.getOrDefault(unit, 1L);
            if (bytes > 0 && bytes % size == 0) {
                return bytes / size + unit;
            }
        }
        return Long.toString(bytes);
    }
}
