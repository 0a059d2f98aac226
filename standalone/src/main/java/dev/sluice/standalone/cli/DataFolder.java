package dev.sluice.standalone.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A folder named on the command line for data; made when it is first used.
public record DataFolder(Path path) {
    /// Takes a folder that is writable or can be made, or says why it cannot.
    static final class Reader implements ITypeConverter<DataFolder> {
        @Override
        public DataFolder convert(String text) {
            if (text.isBlank()) {
                throw new TypeConversionException("a blank text names no folder");
            }
            Path path;
            try {
                path = Path.of(text).toAbsolutePath();
            } catch (InvalidPathException _) {
                throw new TypeConversionException(text + " is not a path");
            }
            @Nullable Path existing = path;
            while (existing != null && !Files.exists(existing)) {
                existing = existing.getParent();
            }
            if (existing == null || !Files.isDirectory(existing)) {
                throw new TypeConversionException(existing + " is not a folder");
            }
            if (!Files.isWritable(existing)) {
                throw new TypeConversionException(existing + " may not be written");
            }
            return new DataFolder(path);
        }
    }
}
