package dev.sluice.bench.fleet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Command lines of Java processes that run from this one's class path: small and quick to start.
public final class Jvm {
    private static final String ROLES = "dev.sluice.standalone.SluiceMain";

    private Jvm() {}

    /// A role of `./sluice`.
    public static List<String> role(int megabytes, String... arguments) {
        return of(megabytes, ROLES, arguments);
    }

    /// A class of its own.
    public static List<String> of(int megabytes, String main, String... arguments) {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx" + megabytes + "m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+ExitOnOutOfMemoryError",
                                "-Xshare:auto",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dreactor.schedulers.defaultBoundedElasticOnVirtualThreads=true",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                main));
        command.addAll(List.of(arguments));
        return command;
    }
}
