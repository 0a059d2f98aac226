package dev.sluice.common.config;

/// A value that no log, error or dump may show.
public record Secret(String reveal) {
    /// Always three asterisks.
    @Override
    public String toString() {
        return "***";
    }
}
