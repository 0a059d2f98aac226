package dev.sluice.common.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Copies that, unlike [Map#copyOf], keep the order of the file: agents are listed in it.
final class FileOrder {
    private FileOrder() {}

    static <K, V> Map<K, V> copy(Map<K, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
