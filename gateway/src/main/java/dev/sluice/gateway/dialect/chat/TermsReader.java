package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.gateway.dialect.Ask;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what a client says of its run, beside what the run is to do.
final class TermsReader {
    static final String METADATA = "metadata";
    static final String ON_DISCONNECT = "on_disconnect";
    static final String BACKGROUND = "background";
    static final String PRIORITY = "priority";

    private static final int MOST_PAIRS = 16;
    private static final int LONGEST_KEY = 64;
    private static final int LONGEST_VALUE = 512;

    private TermsReader() {}

    static Ask.Terms chat(Field root) {
        return new Ask.Terms(
                metadata(root.at(METADATA)),
                onDisconnect(root.at(ON_DISCONNECT)),
                false,
                Lane.INTERACTIVE);
    }

    static Ask.Terms run(Field root) {
        return new Ask.Terms(
                metadata(root.at(METADATA)),
                onDisconnect(root.at(ON_DISCONNECT)),
                root.at(BACKGROUND).flag(),
                lane(root.at(PRIORITY)));
    }

    private static Lane lane(Field field) {
        if (field.absent()) {
            return Lane.INTERACTIVE;
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
