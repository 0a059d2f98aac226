package dev.sluice.bench.fleet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How the roles of `./sluice` are started.
@FunctionalInterface
public interface Launcher {
    /// The environment's variable with further options for the JVMs that the script starts.
    String JAVA_OPTS = "SLUICE_JAVA_OPTS";

    /// The command line of a role with its arguments.
    List<String> command(String... role);

    /// Through the launcher script, with the flags that it gives each role: what is measured is
    /// what people run. It builds nothing, and `infra` starts its own Redis.
    static Launcher script(Path script) {
        return role -> {
            var command =
                    new ArrayList<>(
                            List.of(
                                    "/usr/bin/env",
                                    "-u",
                                    "SLUICE_REDIS_URL",
                                    "SLUICE_NO_BUILD=1",
                                    script.toString()));
            command.addAll(List.of(role));
            return command;
        };
    }

    /// From this process' class path, small and quick to start: where no figure counts.
    static Launcher classPath() {
        return role -> Jvm.role(320, role);
    }
}
