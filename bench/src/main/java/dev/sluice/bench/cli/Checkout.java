package dev.sluice.bench.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A folder that holds Sluice, with its launcher.
record Checkout(Path folder) {
    /// Takes a folder with a launcher, or says what is missing.
    static final class Reader implements ITypeConverter<Checkout> {
        @Override
        public Checkout convert(String text) {
            Path folder = Path.of(text).toAbsolutePath();
            if (!Files.isExecutable(folder.resolve("sluice"))) {
                throw new TypeConversionException(
                        text + " is no checkout of Sluice: there is no program sluice in it");
            }
            return new Checkout(folder);
        }
    }
}
