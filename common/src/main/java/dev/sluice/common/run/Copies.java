package dev.sluice.common.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Immutable copies in which an absent collection is an empty one and maps keep their order.
final class Copies {
    private Copies() {}

    static <T> List<T> of(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    static <V> Map<String, V> of(@Nullable Map<String, V> map) {
        return map == null || map.isEmpty()
                ? Map.of()
                : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
