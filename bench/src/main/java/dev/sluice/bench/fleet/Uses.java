package dev.sluice.bench.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/// What the parts have used at a moment, or between two.
///
/// @param cpu time on all cores, user and system, to the system's tick (mostly 10 ms)
/// @param memory resident bytes; 0 where the system does not tell
public record Uses(Map<Part, Duration> cpu, Map<Part, Long> memory) {
    private static final Path PROCESSES = Path.of("/proc");

    public Uses {
        cpu = Map.copyOf(cpu);
        memory = Map.copyOf(memory);
    }

    static Uses of(Map<Part, Stream<ProcessHandle>> processes) {
        var cpu = new EnumMap<Part, Duration>(Part.class);
        var memory = new EnumMap<Part, Long>(Part.class);
        processes.forEach((part, all) ->
                all.forEach(process -> {
                    cpu.merge(
                            part,
                            process.info().totalCpuDuration().orElse(Duration.ZERO),
                            Duration::plus);
                    memory.merge(part, residentBytes(process), Long::sum);
                }));
        return new Uses(cpu, memory);
    }

    /// What was used since an earlier moment.
    public Uses since(Uses before) {
        var cpuSince = new EnumMap<Part, Duration>(Part.class);
        var memorySince = new EnumMap<Part, Long>(Part.class);
        cpu.forEach((part, now) ->
                cpuSince.put(part, now.minus(before.cpu.getOrDefault(part, Duration.ZERO))));
        memory.forEach(
                (part, now) -> memorySince.put(part, now - before.memory.getOrDefault(part, 0L)));
        return new Uses(cpuSince, memorySince);
    }

    /// The resident memory of a process in bytes; 0 where the system does not tell.
    public static long residentBytes(ProcessHandle process) {
        try (Stream<String> status =
                Files.lines(PROCESSES.resolve(process.pid() + "").resolve("status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        } catch (IOException _) {
            return 0;
        }
    }
}
