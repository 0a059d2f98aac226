package dev.sluice.standalone.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/// What a command has of the world outside.
///
/// @param out in UTF-8, for results: `ready …`, `ok: …`, help that was asked for
/// @param err in UTF-8, for complaints, one line each
/// @param environment the environment's variables
/// @param dataFolder where embedded servers keep their data unless told otherwise
public record Console(
        PrintStream out, PrintStream err, Map<String, String> environment, Path dataFolder) {
    public Console {
        environment = Map.copyOf(environment);
    }
}
