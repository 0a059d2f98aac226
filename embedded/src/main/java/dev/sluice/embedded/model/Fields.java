package dev.sluice.embedded.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One mapping of a script, read key by key: each wrong value and each unknown key becomes a
/// problem, and reading goes on with the default.
final class Fields {

    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m)");

    private final JsonNode node;
    private final String path;
    private final List<String> problems;

    Fields(JsonNode node, String path, List<String> problems, Set<String> known) {
        this.node = node;
        this.path = path;
        this.problems = problems;
        if (!node.isObject()) {
            problems.add((path.isEmpty() ? "script" : path) + ": must be a mapping");
            return;
        }
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                List<String> names = known.stream().sorted().toList();
                problem(key, "unknown key; known are " + String.join(", ", names));
            }
        }
    }

    void problem(String key, String rule) {
        problems.add(at(key) + ": " + rule);
    }

    String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
        return node.has(key);
    }

    /// The mapping at `key`, or null.
    @Nullable Fields mapping(String key, Set<String> known) {
        return has(key) ? new Fields(node.get(key), at(key), problems, known) : null;
    }

    @Nullable String text(String key) {
        return value(key, JsonNode::isString, "must be text", JsonNode::stringValue);
    }

    String text(String key, String absent) {
        String text = text(key);
        return text == null ? absent : text;
    }

    @Nullable Boolean flag(String key) {
        return value(key, JsonNode::isBoolean, "must be true or false", JsonNode::booleanValue);
    }

    @Nullable Integer number(String key, int least, int most) {
        String rule = "must be a whole number from " + least + " to " + most;
        return value(
                key,
                n -> n.isInt() && n.intValue() >= least && n.intValue() <= most,
                rule,
                JsonNode::intValue);
    }

    int number(String key, int least, int most, int absent) {
        Integer number = number(key, least, most);
        return number == null ? absent : number;
    }

    double rate(String key, double absent) {
        Double rate =
                value(
                        key,
                        n -> n.isNumber() && n.doubleValue() > 0,
                        "must be a number above 0",
                        JsonNode::doubleValue);
        return rate == null ? absent : rate;
    }

    Duration duration(String key) {
        String text = text(key);
        if (text == null) {
            return Duration.ZERO;
        }
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            problem(key, "'" + text + "' is not a duration like 200ms, 1.5s or 2m");
            return Duration.ZERO;
        }
        double unit =
                switch (matcher.group(2)) {
                    case "ms" -> 1e6;
                    case "s" -> 1e9;
                    default -> 60e9;
                };
        return Duration.ofNanos((long) (Double.parseDouble(matcher.group(1)) * unit));
    }

    @Nullable Pattern pattern(String key) {
        String text = text(key);
        try {
            return text == null ? null : Pattern.compile(text, Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            problem(key, "is not a regular expression: " + e.getDescription());
            return null;
        }
    }

    @Nullable ObjectNode object(String key) {
        return value(key, JsonNode::isObject, "must be a mapping", ObjectNode.class::cast);
    }

    List<String> texts(String key) {
        return list(
                key,
                (item, where) -> {
                    if (!item.isString()) {
                        problems.add(where + ": must be text");
                    }
                    return item.asString("");
                });
    }

    Map<String, String> textMap(String key) {
        Map<String, String> map = new TreeMap<>();
        ObjectNode object = object(key);
        if (object != null) {
            for (Map.Entry<String, JsonNode> entry : object.properties()) {
                if (!entry.getValue().isValueNode() || entry.getValue().isNull()) {
                    problem(key + "." + entry.getKey(), "must be text");
                }
                map.put(entry.getKey(), entry.getValue().asString(""));
            }
        }
        return map;
    }

    /// The items of the list at `key`, each read with its path.
    <T> List<T> list(String key, BiFunction<JsonNode, String, T> read) {
        List<T> items = new ArrayList<>();
        JsonNode array = value(key, JsonNode::isArray, "must be a list", n -> n);
        if (array != null) {
            for (int i = 0; i < array.size(); i++) {
                items.add(read.apply(array.get(i), at(key) + "[" + i + "]"));
            }
        }
        return items;
    }

    private <T> @Nullable T value(
            String key, Predicate<JsonNode> valid, String rule, Function<JsonNode, T> read) {
        if (!has(key)) {
            return null;
        }
        JsonNode value = node.get(key);
        if (!valid.test(value)) {
            problem(key, rule + ", not " + value);
            return null;
        }
        return read.apply(value);
    }
}
