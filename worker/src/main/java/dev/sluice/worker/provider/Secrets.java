package dev.sluice.worker.provider;

import dev.sluice.common.config.ProviderConfig;
import dev.sluice.common.config.Secret;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What a provider was told in confidence, to be kept out of what clients are told of its answers.
record Secrets(List<String> values) {
    static Secrets of(ProviderConfig config) {
        return new Secrets(
                Stream.concat(
                                Stream.ofNullable(config.apiKey()),
                                config.headers().values().stream())
                        .map(Secret::reveal)
                        .filter(value -> !value.isBlank())
                        // A value that is part of a longer one must not leave the rest of it.
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .toList());
    }

    /// The text with every secret replaced.
    String removedFrom(String text) {
        String clean = text;
        for (String value : values) {
            clean = clean.replace(value, "***");
        }
        return clean;
    }

    /// Never the values.
    @Override
    public String toString() {
        return "***";
    }
}
