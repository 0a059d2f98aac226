package dev.sluice.worker.provider;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads how long a provider asks to be left alone: `retry-after-ms`, as OpenAI has it, or
/// [Retry-After](https://www.rfc-editor.org/rfc/rfc9110#field.retry-after) in seconds or as a date.
final class RetryAfter {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(?:\\.[0-9]{1,9})?");

    private RetryAfter() {}

    /// What the two headers say at the time `now`; null where they say nothing that can be read.
    static @Nullable Duration of(
            @Nullable String millis, @Nullable String retryAfter, Instant now) {
        Duration exact = number(millis, 6);
        if (exact != null) {
            return exact;
        }
        Duration seconds = number(retryAfter, 9);
        return seconds != null ? seconds : date(retryAfter, now);
    }

    private static @Nullable Duration number(@Nullable String text, int digitsToNanos) {
        return text != null && NUMBER.matcher(text.strip()).matches()
                ? Duration.ofNanos(
                        new BigDecimal(text.strip()).movePointRight(digitsToNanos).longValue())
                : null;
    }

    private static @Nullable Duration date(@Nullable String text, Instant now) {
        if (text == null) {
            return null;
        }
        try {
            Instant until =
                    ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant();
            return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
        } catch (DateTimeParseException _) {
            return null;
        }
    }
}
