package dev.sluice.standalone.cli;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The root of an HTTP server, named on the command line: `http://127.0.0.1:8080`.
record HttpAddress(URI uri) {
    /// Reads an address, or says what one looks like.
    static final class Reader implements ITypeConverter<HttpAddress> {
        @Override
        public HttpAddress convert(String text) {
            try {
                URI uri = new URI(text);
                @Nullable String scheme = uri.getScheme();
                if (uri.getHost() != null
                        && ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))) {
                    return new HttpAddress(uri);
                }
            } catch (URISyntaxException _) {
                // Said below.
            }
            throw new TypeConversionException(
                    text + " is not an address, such as http://127.0.0.1:8080");
        }
    }
}
