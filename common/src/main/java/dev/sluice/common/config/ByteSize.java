package dev.sluice.common.config;

/// A number of bytes, not negative. Written as `512`, `64KiB`, `8MiB` or `1GiB`.
public record ByteSize(long bytes) {
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is not negative");
        }
    }

    /// The size as an `int`, for buffers and broker settings; sizes beyond 2 GiB are cut to it.
    public int toInt() {
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }
}
