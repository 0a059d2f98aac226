package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.ClientDuration;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what a client says of its run, beside what the run is to do.
final class TermsReader {
    static final String METADATA = "metadata";
    static final String ON_DISCONNECT = "on_disconnect";
    static final String BACKGROUND = "background";
    static final String PRIORITY = "priority";
    static final String DEADLINE = "deadline";
    static final String TIMEOUT = "timeout";

    private static final int LAST_YEAR = 9999;
    private static final int MOST_PAIRS = 16;
    private static final int LONGEST_KEY = 64;
    private static final int LONGEST_VALUE = 512;

    private TermsReader() {}

    static Ask.Terms chat(Field root) {
        return new Ask.Terms(
                metadata(root.at(METADATA)),
                onDisconnect(root.at(ON_DISCONNECT)),
                false,
                Lane.INTERACTIVE,
                null);
    }

    static Ask.Terms run(Field root) {
        return new Ask.Terms(
                metadata(root.at(METADATA)),
                onDisconnect(root.at(ON_DISCONNECT)),
                root.at(BACKGROUND).flag(),
                lane(root.at(PRIORITY), Lane.INTERACTIVE),
                null);
    }

    /// Of a job: nobody watches it, and it is not urgent unless it says so.
    static Ask.Terms job(Field root) {
        return new Ask.Terms(
                metadata(root.at(METADATA)),
                OnDisconnect.CONTINUE,
                true,
                lane(root.at(PRIORITY), Lane.BATCH),
                until(root.at(DEADLINE), root.at(TIMEOUT)));
    }

    private static Ask.@Nullable Until until(Field deadline, Field timeout) {
        if (deadline.absent()) {
            return timeout.absent() ? null : within(timeout);
        }
        if (!timeout.absent()) {
            throw timeout.unsupported(
                    "invalid_value",
                    "'timeout' and 'deadline' say the same. Only one of them is allowed.");
        }
        try {
            OffsetDateTime time = OffsetDateTime.parse(deadline.string());
            // Years of more digits are no RFC 3339, nor times that a clock of ours could tell.
            if (time.getYear() < 0 || time.getYear() > LAST_YEAR) {
                throw new DateTimeParseException("year", deadline.string(), 0);
            }
            return new Ask.Until.At(time.toInstant());
        } catch (DateTimeParseException _) {
            throw deadline.invalid(
                    "invalid_value",
                    "not a time. Expected one such as '2027-01-31T12:00:00Z', but got '%s' instead."
                            .formatted(Field.shown(deadline.string())));
        }
    }

    private static Ask.Until within(Field timeout) {
        Duration duration = ClientDuration.parse(timeout.string());
        if (duration == null) {
            throw timeout.invalid(
                    "invalid_value",
                    "not a duration. Expected one such as '30s', '10m' or '500ms', but got '%s'"
                                    .formatted(Field.shown(timeout.string()))
                            + " instead.");
        }
        return new Ask.Until.Within(duration);
    }

    private static Lane lane(Field field, Lane otherwise) {
        if (field.absent()) {
            return otherwise;
        }
        return switch (field.string()) {
            case "interactive" -> Lane.INTERACTIVE;
            case "batch" -> Lane.BATCH;
            default -> throw field.unknownValue("'interactive' and 'batch'");
        };
    }

    private static @Nullable OnDisconnect onDisconnect(Field field) {
        if (field.absent()) {
            return null;
        }
        return switch (field.string()) {
            case "cancel" -> OnDisconnect.CANCEL;
            case "continue" -> OnDisconnect.CONTINUE;
            default -> throw field.unknownValue("'cancel' and 'continue'");
        };
    }

    /// The client's words about its request, within OpenAI's limits.
    static Map<String, String> metadata(Field metadata) {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (metadata.absent()) {
            return pairs;
        }
        metadata.object();
        int size = metadata.value().size();
        if (size > MOST_PAIRS) {
            throw metadata.invalid(
                    "object_above_max_properties",
                    "too many properties. Expected an object with at most %d properties, but got an"
                                    .formatted(MOST_PAIRS)
                            + " object with "
                            + size
                            + " properties instead.");
        }
        for (String name : metadata.value().propertyNames()) {
            if (name.length() > LONGEST_KEY) {
                throw metadata.invalid(
                        "string_above_max_length", tooLong("key", LONGEST_KEY, name.length()));
            }
            Field value = metadata.at(name);
            String text = value.string();
            if (text.length() > LONGEST_VALUE) {
                throw value.invalid(
                        "string_above_max_length", tooLong("string", LONGEST_VALUE, text.length()));
            }
            pairs.put(name, text);
        }
        return pairs;
    }

    private static String tooLong(String what, int most, int length) {
        return "%s too long. Expected a string with maximum length %d, but got a string with length %d instead."
                .formatted(what, most, length);
    }
}
