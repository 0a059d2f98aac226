package dev.sluice.common.audit;

import dev.sluice.common.run.Usage;
import org.jspecify.annotations.Nullable;

/// Tokens on the audit stream, by the names that `GET /v1/runs/{id}` has for them.
///
/// @param cachedTokens the part of `promptTokens` that the provider had in its cache
/// @param reasoningTokens the part of `completionTokens` that was thought and not said
/// @param estimated true where no provider counted them to the end; absent otherwise
public record Tokens(
        long promptTokens,
        long completionTokens,
        long totalTokens,
        long cachedTokens,
        long reasoningTokens,
        @Nullable Boolean estimated) {
    /// What a provider counted.
    public static Tokens of(Usage usage) {
        return tokens(usage, null);
    }

    /// What comes as close as one can tell.
    public static Tokens estimated(Usage usage) {
        return tokens(usage, true);
    }

    private static Tokens tokens(Usage usage, @Nullable Boolean estimated) {
        return new Tokens(
                usage.input(),
                usage.output(),
                usage.total(),
                usage.cachedInput(),
                usage.reasoning(),
                estimated);
    }
}
