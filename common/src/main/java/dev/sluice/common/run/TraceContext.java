package dev.sluice.common.run;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a request stands in a distributed trace, as the
/// [W3C](https://www.w3.org/TR/trace-context/) has it; carried unchanged from the client to the
/// provider and the tools.
public record TraceContext(String traceparent, @Nullable String tracestate) {
    /// The name of the header that holds `traceparent`.
    public static final String TRACEPARENT = "traceparent";

    /// The name of the header that holds `tracestate`.
    public static final String TRACESTATE = "tracestate";

    private static final Pattern FORM =
            Pattern.compile(
                    "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    /// The context in these header values; null where `traceparent` is absent or malformed.
    public static @Nullable TraceContext of(
            @Nullable String traceparent, @Nullable String tracestate) {
        return traceparent != null && FORM.matcher(traceparent).matches()
                ? new TraceContext(traceparent, tracestate)
                : null;
    }
}
