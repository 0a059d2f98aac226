package dev.sluice.bench.fleet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Looks into the heap of another JVM, with the JDK's own `jcmd`.
public final class Heap {
    /// Of each space that has an address; the metaspace has none.
    private static final Pattern USED = Pattern.compile("used (\\d+)K \\[");

    private Heap() {}

    /// What is in use after a full collection, in bytes.
    public static long liveBytes(ProcessHandle process) throws InterruptedException {
        jcmd(process, "GC.run");
        return used(jcmd(process, "GC.heap_info"));
    }

    static long used(String heapInfo) {
        return USED.matcher(heapInfo)
                .results()
                .mapToLong(match -> Long.parseLong(match.group(1)) * 1024)
                .sum();
    }

    private static String jcmd(ProcessHandle process, String command) throws InterruptedException {
        try {
            Process jcmd =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                            .toString(),
                                    String.valueOf(process.pid()),
                                    command)
                            .redirectErrorStream(true)
                            .start();
            String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (jcmd.waitFor() != 0) {
                throw new FleetException("jcmd %s: %s".formatted(command, said.strip()));
            }
            return said;
        } catch (IOException e) {
            throw new FleetException("jcmd cannot be run", e);
        }
    }
}
