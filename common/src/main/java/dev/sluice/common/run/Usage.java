package dev.sluice.common.run;

/// Tokens that a provider counted. `cachedInput` is the part of `input` that it had in its cache,
/// `reasoning` the part of `output` that was thought and not said.
public record Usage(long input, long output, long cachedInput, long reasoning) {
    /// No tokens.
    public static final Usage NONE = new Usage(0, 0, 0, 0);

    public Usage {
        if (input < 0 || output < 0 || cachedInput < 0 || reasoning < 0) {
            throw new IllegalArgumentException("tokens are not negative");
        }
    }

    /// Input and output together.
    public long total() {
        return input + output;
    }

    /// The sum of both.
    public Usage plus(Usage other) {
        return new Usage(
                input + other.input,
                output + other.output,
                cachedInput + other.cachedInput,
                reasoning + other.reasoning);
    }
}
