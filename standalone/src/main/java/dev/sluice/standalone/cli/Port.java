package dev.sluice.standalone.cli;

import dev.sluice.common.StartException;
import java.net.BindException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A port to bind on the command line: 0, for a free one, to 65535.
record Port(int number) {
    /// Starts what binds the port, and names the port where it is taken.
    <T> T bind(Callable<T> start) throws Exception {
        try {
            return start.call();
        } catch (Exception e) {
            for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof BindException) {
                    throw new StartException(
                            "port " + number + " is taken: choose another one (--port)", e);
                }
            }
            throw e;
        }
    }

    /// Reads a port, or says what one looks like.
    static final class Reader implements ITypeConverter<Port> {
        @Override
        public Port convert(String text) {
            if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65535) {
                return new Port(Integer.parseInt(text));
            }
            throw new TypeConversionException(
                    text + " is not a port (0 to 65535; 0 takes a free one)");
        }
    }
}
