package dev.sluice.common.config.binding;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A type that is written as one value in the file.
///
/// @param type the Java type
/// @param name what the reference calls it: `duration`
/// @param noun what a value must be, for people: `a duration such as 30s`
/// @param secret whether no problem may show a value
/// @param pattern a regular expression of the legal texts for editors, where there is one
/// @param parse makes the value of a text; any [RuntimeException] means that the text is none
public record ScalarType(
        Class<?> type,
        String name,
        String noun,
        boolean secret,
        @Nullable String pattern,
        Function<String, Object> parse) {}
