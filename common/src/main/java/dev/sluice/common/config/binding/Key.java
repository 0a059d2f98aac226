package dev.sluice.common.config.binding;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A key of a configuration record, read off one of its components.
///
/// @param name as the file spells it
/// @param type the component's type
/// @param fallback the text that stands in for an absent key, if it has a [Default]
/// @param description its [Doc], else that of its type
/// @param nullable whether it may be absent without a default
/// @param component the component itself
public record Key(
        String name,
        Type type,
        @Nullable String fallback,
        @Nullable String description,
        boolean nullable,
        RecordComponent component) {

    /// The keys of a record, in the order of its components.
    public static List<Key> of(Class<?> recordType) {
        return Stream.of(recordType.getRecordComponents()).map(Key::of).toList();
    }

    /// Whether a file that leaves the key out is refused.
    public boolean required() {
        return fallback == null && !nullable && !(type instanceof ParameterizedType);
    }

    /// The value that `config` has for this key.
    public @Nullable Object of(Record config) {
        try {
            return component.getAccessor().invoke(config);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the accessor of " + name, e);
        }
    }

    private static Key of(RecordComponent component) {
        @Nullable Default fallback = component.getAnnotation(Default.class);
        @Nullable Doc doc = component.getAnnotation(Doc.class);
        if (doc == null) {
            doc = component.getType().getAnnotation(Doc.class);
        }
        return new Key(
                snake(component.getName()),
                component.getGenericType(),
                fallback == null ? null : fallback.value(),
                doc == null ? null : doc.value(),
                component.getAnnotatedType().isAnnotationPresent(Nullable.class),
                component);
    }

    private static String snake(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
