package dev.sluice.bench.cli;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A time on the command line: `250ms`, `1s`.
record Delay(Duration time) {
    /// Reads a time, or says what one looks like.
    static final class Reader implements ITypeConverter<Delay> {
        @Override
        public Delay convert(String text) {
            if (text.matches("\\d{1,5}ms")) {
                return new Delay(Duration.ofMillis(number(text)));
            }
            if (text.matches("\\d{1,2}s")) {
                return new Delay(Duration.ofSeconds(number(text)));
            }
            throw new TypeConversionException(text + " is not a time such as 250ms or 1s");
        }

        private static long number(String text) {
            return Long.parseLong(text.replaceAll("\\D", ""));
        }
    }
}
