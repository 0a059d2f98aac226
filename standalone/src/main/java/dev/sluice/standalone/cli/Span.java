package dev.sluice.standalone.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A span of time on the command line: `30s`, `10m`, `2h`, `7d`.
record Span(Duration duration) {
    /// Reads a span, or says why it is none.
    static final class Reader implements ITypeConverter<Span> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,9})([smhd])");

        @Override
        public Span convert(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new TypeConversionException(
                        text + " is not a span of time such as 30s, 10m, 2h or 7d");
            }
            long number = Long.parseLong(form.group(1));
            return new Span(
                    switch (form.group(2)) {
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        default -> Duration.ofDays(number);
                    });
        }
    }
}
