package dev.sluice.common.config.binding;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Fills records from [Node]s, complaining to [Findings] about everything that is wrong.
///
/// To find as much as possible at once it goes on where something is wrong: a default stands in for
/// a value that cannot be read, and a record whose rules do not hold is built all the same. So what
/// it returns is only to be used where the findings are empty, or to look for further problems.
public final class Binder {
    private final Findings findings;
    private final ScalarTypes scalars;

    /// @param findings takes the problems
    /// @param scalars the types that are written as one value
    public Binder(Findings findings, ScalarTypes scalars) {
        this.findings = findings;
        this.scalars = scalars;
    }

    /// The record of `type` that the file's root fills; null where not even a part of it can be
    /// judged.
    public <R extends Record> @Nullable R bind(Class<R> type, Node root) {
        findings.mark("", root.line(), null);
        return type.cast(value(type, root, ""));
    }

    private @Nullable Object value(Type type, Node node, String path) {
        findings.mark(path, node.line(), null);
        if (node instanceof Node.Broken) {
            return null;
        }
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? list(arguments[0], node, path)
                    : map(arguments[1], node, path);
        }
        Class<?> plain = (Class<?>) type;
        if (plain == JsonNode.class) {
            return JsonValues.of(node);
        }
        @Nullable ScalarType scalar = scalars.of(plain);
        return scalar == null ? recordOf(plain, node, path) : scalar(scalar, node, path);
    }

    private @Nullable Object scalar(ScalarType type, Node node, String path) {
        if (!(node instanceof Node.Scalar scalar) || scalar.isNull()) {
            return refused(path, node, "must be " + type.noun() + ", is " + node.noun());
        }
        findings.mark(path, node.line(), type.secret() ? null : scalar.shown());
        try {
            return type.parse().apply(scalar.text());
        } catch (RuntimeException e) {
            findings.refuse(path, "must be " + type.noun());
            return null;
        }
    }

    private @Nullable Object list(Type element, Node node, String path) {
        if (!(node instanceof Node.Items list)) {
            return refused(path, node, "must be a list, is " + node.noun());
        }
        List<Object> values = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            @Nullable Object value = value(element, list.items().get(i), Findings.item(path, i));
            if (value != null) {
                values.add(value);
                places.add(i);
            }
        }
        findings.declare(path, places);
        return values;
    }

    private @Nullable Object map(Type element, Node node, String path) {
        if (!(node instanceof Node.Entries mapping)) {
            return refused(path, node, "must be a mapping, is " + node.noun());
        }
        findings.declare(path, mapping.entries().keySet());
        Map<String, Object> values = new LinkedHashMap<>();
        mapping.entries()
                .forEach((name, child) -> {
                    @Nullable Object value = value(element, child, Findings.child(path, name));
                    if (value != null) {
                        values.put(name, value);
                    }
                });
        return values;
    }

    private @Nullable Object recordOf(Class<?> type, Node node, String path) {
        Map<String, Node> entries;
        if (node instanceof Node.Entries mapping) {
            entries = mapping.entries();
        } else if (node instanceof Node.Scalar scalar && scalar.isNull()) {
            entries = Map.of();
        } else {
            return refused(path, node, "must be a mapping, is " + node.noun());
        }
        List<Key> keys = Key.of(type);
        refuseUnknown(entries, keys, path);
        @Nullable Object[] values = new Object[keys.size()];
        for (int i = 0; i < values.length; i++) {
            Key key = keys.get(i);
            @Nullable Node child = entries.get(key.name());
            values[i] = component(key, child, node.line(), Findings.child(path, key.name()));
        }
        return construct(type, values, path);
    }

    private void refuseUnknown(Map<String, Node> entries, List<Key> keys, String path) {
        List<String> known = keys.stream().map(Key::name).toList();
        entries.forEach((name, child) -> {
            if (!known.contains(name)) {
                String rule = "unknown key" + Nearest.hint(name, known);
                findings.add(Findings.child(path, name), child.line(), rule);
            }
        });
    }

    private @Nullable Object component(Key key, @Nullable Node node, int line, String path) {
        boolean absent = node == null || (node instanceof Node.Scalar s && s.isNull());
        if (node != null && !absent) {
            @Nullable Object value = value(key.type(), node, path);
            if (value == null) {
                findings.giveUp(path);
                return standIn(key, path);
            }
            return value;
        }
        if (key.fallback() != null) {
            return value(key.type(), fallback(key.fallback(), line), path);
        }
        if (key.required()) {
            findings.add(path, line, "is required");
            findings.giveUp(path);
        }
        return standIn(key, path);
    }

    private static Node fallback(String text, int line) {
        return text.equals("{}")
                ? new Node.Entries(line, Map.of())
                : new Node.Scalar(line, text, text, true);
    }

    /// What stands in for a value that is absent or cannot be read, so that the rest of its record
    /// and the rules over several records can be judged; null only where the key may be absent.
    private @Nullable Object standIn(Key key, String path) {
        if (key.fallback() != null) {
            return value(key.type(), fallback(key.fallback(), 1), path);
        }
        if (key.type() instanceof ParameterizedType generic) {
            return generic.getRawType() == List.class ? List.of() : Map.of();
        }
        Class<?> type = (Class<?>) key.type();
        if (key.nullable()) {
            return null;
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type == JsonNode.class) {
            return JsonValues.of(new Node.Scalar(1, "", "", true));
        }
        @Nullable ScalarType scalar = scalars.of(type);
        return scalar == null ? standInRecord(type, path) : standInScalar(scalar);
    }

    private Object standInRecord(Class<?> type, String path) {
        @Nullable Object[] values =
                Key.of(type).stream()
                        .map(key -> standIn(key, Findings.child(path, key.name())))
                        .toArray();
        // Whatever it breaks is none of the file's.
        return Checks.collecting(new ArrayList<>(), () -> instance(type, values));
    }

    private static Object standInScalar(ScalarType scalar) {
        for (String text : List.of("x", "1", "true", "http://x", "1s", "1970-01-01T00:00:00Z")) {
            try {
                return scalar.parse().apply(text);
            } catch (RuntimeException e) {
                // The next one may be of this type.
            }
        }
        throw new IllegalStateException("nothing stands in for a " + scalar.name());
    }

    /// Builds the record even where its rules do not hold: the rules over several records look at
    /// it too.
    private Object construct(Class<?> type, @Nullable Object[] values, String path) {
        List<Refusal.Broken> broken = new ArrayList<>();
        Object made = Checks.collecting(broken, () -> instance(type, values));
        // Every broken rule on a value that could be read, be there two on the same one.
        List<Refusal.Broken> known =
                broken.stream()
                        .filter(b -> b.key() == null || !findings.isFaulty(at(b.key(), path)))
                        .toList();
        for (Refusal.Broken b : known) {
            if (b.key() != null) {
                findings.complain(at(b.key(), path), b.rule(), with(b, path));
            }
        }
        for (Refusal.Broken b : known) {
            if (b.key() == null) {
                findings.refuseAsWhole(path, b.rule(), with(b, path));
            }
        }
        return made;
    }

    private static String at(String key, String path) {
        return Findings.child(path, key);
    }

    private static String[] with(Refusal.Broken broken, String path) {
        return broken.with().stream().map(key -> at(key, path)).toArray(String[]::new);
    }

    private static Object instance(Class<?> type, @Nullable Object[] values) {
        Class<?>[] types =
                Stream.of(type.getRecordComponents())
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("the constructor of " + type.getName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the record " + type.getName(), e);
        }
    }

    private @Nullable Object refused(String path, Node node, String rule) {
        findings.mark(path, node.line(), null);
        findings.refuse(path, rule);
        return null;
    }
}
