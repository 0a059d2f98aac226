package dev.sluice.standalone.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A file named on the command line, there and readable when the command began.
record ReadableFile(Path path) {
    /// Finds a file, or says why it cannot be read.
    static final class Reader implements ITypeConverter<ReadableFile> {
        @Override
        public ReadableFile convert(String text) {
            Path path;
            try {
                path = Path.of(text);
            } catch (InvalidPathException _) {
                throw new TypeConversionException(text + " is not a path");
            }
            if (text.isEmpty() || !Files.exists(path)) {
                throw new TypeConversionException("there is no file " + text);
            }
            if (Files.isDirectory(path)) {
                throw new TypeConversionException(text + " is a folder, not a file");
            }
            if (!Files.isReadable(path)) {
                throw new TypeConversionException(text + " may not be read");
            }
            return new ReadableFile(path);
        }
    }
}
