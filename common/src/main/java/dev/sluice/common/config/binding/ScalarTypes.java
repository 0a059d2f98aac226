package dev.sluice.common.config.binding;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The types that are written as one value, those of the JDK and those of the configuration.
public final class ScalarTypes {
    private static final String DURATION =
            "(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?(?:(\\d{1,9})ms)?";
    private static final Pattern DURATION_PATTERN = Pattern.compile(DURATION);
    private static final Pattern DECIMAL =
            Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Map<Class<?>, ScalarType> types = new HashMap<>();

    /// @param further types beyond the JDK's
    public ScalarTypes(List<ScalarType> further) {
        add(new ScalarType(String.class, "text", "text", false, null, text -> text));
        add(
                new ScalarType(
                        int.class,
                        "whole number",
                        "a whole number",
                        false,
                        "[-+]?\\d+",
                        Integer::valueOf));
        add(
                new ScalarType(
                        long.class,
                        "whole number",
                        "a whole number",
                        false,
                        "[-+]?\\d+",
                        Long::valueOf));
        add(new ScalarType(double.class, "number", "a number", false, null, ScalarTypes::decimal));
        add(
                new ScalarType(
                        boolean.class,
                        "true or false",
                        "true or false",
                        false,
                        "true|false",
                        ScalarTypes::bool));
        add(
                new ScalarType(
                        Duration.class,
                        "duration",
                        "a duration such as 500ms, 30s, 5m or 1h30m",
                        false,
                        "(0|(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?|[-+]?P.+)",
                        ScalarTypes::duration));
        add(
                new ScalarType(
                        Instant.class,
                        "time",
                        "a time such as 2027-01-31T00:00:00Z",
                        false,
                        null,
                        text -> OffsetDateTime.parse(text).toInstant()));
        add(new ScalarType(URI.class, "URL", "a URL", false, null, URI::create));
        further.forEach(this::add);
    }

    private void add(ScalarType type) {
        types.put(type.type(), type);
    }

    /// The scalar type of a class, enums included; null where the class is none.
    public @Nullable ScalarType of(Class<?> type) {
        return type.isEnum() ? enumType(type) : types.get(type);
    }

    /// How the file spells a constant: `STREAMABLE_HTTP` is `streamable_http`.
    public static String spelled(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// How the file spells a duration: `1h30m`.
    public static String spelled(Duration duration) {
        if (duration.isZero() || duration.isNegative() || duration.toNanosPart() % 1_000_000 != 0) {
            return duration.isZero() ? "0s" : duration.toString();
        }
        return part(duration.toHours(), "h")
                + part(duration.toMinutesPart(), "m")
                + part(duration.toSecondsPart(), "s")
                + part(duration.toMillisPart(), "ms");
    }

    private static String part(long amount, String unit) {
        return amount == 0 ? "" : amount + unit;
    }

    private static ScalarType enumType(Class<?> type) {
        Map<String, Object> constants =
                Stream.of(type.getEnumConstants())
                        .collect(Collectors.toMap(c -> spelled((Enum<?>) c), c -> c));
        String known =
                Stream.of(type.getEnumConstants())
                        .map(c -> spelled((Enum<?>) c))
                        .collect(Collectors.joining(", "));
        return new ScalarType(
                type,
                "choice",
                (constants.size() == 1 ? "" : "one of ") + known,
                false,
                null,
                text -> {
                    @Nullable Object constant = constants.get(text);
                    if (constant == null) {
                        throw new IllegalArgumentException("no such constant");
                    }
                    return constant;
                });
    }

    private static Object decimal(String text) {
        double value = DECIMAL.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("not a decimal number");
        }
        return value;
    }

    private static Object bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("not a boolean");
        };
    }

    private static Object duration(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        Matcher units = DURATION_PATTERN.matcher(text);
        Duration duration =
                units.matches() && !text.isEmpty()
                        ? Duration.ofDays(number(units.group(1)))
                                .plusHours(number(units.group(2)))
                                .plusMinutes(number(units.group(3)))
                                .plusSeconds(number(units.group(4)))
                                .plusMillis(number(units.group(5)))
                        : Duration.parse(text);
        // Far beyond any use, and near enough that no arithmetic on it overflows.
        if (duration.abs().compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("too long");
        }
        return duration;
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
