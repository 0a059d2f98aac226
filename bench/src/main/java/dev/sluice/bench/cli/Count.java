package dev.sluice.bench.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A number of things on the command line.
record Count(int number) {
    private static final int MOST = 100_000;

    /// Reads a count, or says what one looks like.
    static final class Reader implements ITypeConverter<Count> {
        @Override
        public Count convert(String text) {
            int number = text.matches("\\d{1,6}") ? Integer.parseInt(text) : 0;
            if (number < 1 || number > MOST) {
                throw new TypeConversionException(text + " is not a number from 1 to " + MOST);
            }
            return new Count(number);
        }
    }
}
