package dev.sluice.bench.chaos.check;

import dev.sluice.common.run.RunEvent;
import java.util.Locale;

/// The names of events on the wire.
final class Types {
    private static final ClassValue<String> NAMES =
            new ClassValue<>() {
                @Override
                protected String computeValue(Class<?> type) {
                    return type.getSimpleName()
                            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                            .toLowerCase(Locale.ROOT);
                }
            };

    private Types() {}

    static String name(RunEvent event) {
        return NAMES.get(event.getClass());
    }
}
