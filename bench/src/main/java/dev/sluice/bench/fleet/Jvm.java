package dev.sluice.bench.fleet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Command lines of Java processes that run from this one's class path.
public final class Jvm {
    private static final String ROLES = "dev.sluice.standalone.SluiceMain";

    private Jvm() {}

    /// A role of `./sluice`, small and quick to start.
    public static List<String> role(int megabytes, String... arguments) {
        return of(megabytes, ROLES, arguments);
    }

    /// A class of its own, small and quick to start.
    public static List<String> of(int megabytes, String main, String... arguments) {
        return command(
                List.of("-Xmx" + megabytes + "m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                main,
                arguments);
    }

    /// A class of its own that takes the machine's measure, as gateways and workers do.
    public static List<String> full(String main, String... arguments) {
        return command(List.of(), main, arguments);
    }

    private static List<String> command(List<String> flags, String main, String... arguments) {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString()));
        command.addAll(flags);
        command.addAll(
                List.of(
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Xshare:auto",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dreactor.schedulers.defaultBoundedElasticOnVirtualThreads=true",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        main));
        command.addAll(List.of(arguments));
        return command;
    }
}
