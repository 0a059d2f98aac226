package dev.sluice.bench.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// What decides all that is left to chance.
record Seed(long number) {
    /// Reads a seed, or says what one looks like.
    static final class Reader implements ITypeConverter<Seed> {
        @Override
        public Seed convert(String text) {
            if (!text.matches("\\d{1,9}")) {
                throw new TypeConversionException(text + " is not a number from 0 to 999999999");
            }
            return new Seed(Long.parseLong(text));
        }
    }
}
