package dev.sluice.bench.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/// Sluice on this machine, as it is measured: one broker, one Redis, one gateway, workers, the
/// scripted model and, where they are wanted, tools; each a process of its own. Belongs to one
/// thread.
public final class Deployment implements AutoCloseable {
    private final Path folder;
    private final Launcher launcher;
    private final Layout layout;
    private final ReadyProbe probe = new ReadyProbe();
    private final Map<Part, List<Role>> roles = new EnumMap<>(Part.class);

    private Deployment(Path folder, Launcher launcher, Layout layout) {
        this.folder = folder;
        this.launcher = launcher;
        this.layout = layout;
    }

    /// Starts everything and returns when it serves.
    ///
    /// @param folder of its data, which it removes in the end, its configuration and its logs
    /// @throws FleetException if a process does not start
    public static Deployment start(Path folder, Launcher launcher, Layout layout)
            throws InterruptedException {
        var deployment = new Deployment(folder, launcher, layout);
        try {
            deployment.start();
            return deployment;
        } catch (InterruptedException | RuntimeException e) {
            deployment.close();
            throw e;
        }
    }

    private void start() throws InterruptedException {
        write(folder.resolve("script.yaml"), layout.script());
        Role broker =
                started(
                        Part.BROKER,
                        launcher.command(
                                "infra",
                                "--data",
                                data().toString(),
                                "--kafka-port",
                                "0",
                                "--redis-port",
                                "0"));
        Role model =
                started(
                        Part.MODEL,
                        launcher.command(
                                "model",
                                "--port",
                                String.valueOf(layout.modelPort()),
                                "--script",
                                folder.resolve("script.yaml").toString()));
        if (layout.tools()) {
            started(Part.TOOLS, Jvm.full(ToolsMain.class.getName())).awaitServing();
        }
        broker.awaitServing();
        model.awaitServing();
        write(
                configFile(),
                layout.yaml(
                        broker.words().get(1),
                        broker.words().get(3),
                        model.url(),
                        layout.tools() ? role(Part.TOOLS).url().toString() : ""));
        Role gateway =
                started(
                        Part.GATEWAY,
                        launcher.command("gateway", "--config", configFile().toString()));
        workers(layout.workers());
        gateway.awaitServing();
        probe.await(gateway);
    }

    /// Has as many workers as this, by starting or draining some, and returns when they serve.
    public void workers(int count) throws InterruptedException {
        List<Role> workers = roles.computeIfAbsent(Part.WORKER, _ -> new ArrayList<>());
        while (workers.size() > count) {
            workers.removeLast().drain();
        }
        while (workers.size() < count) {
            started(Part.WORKER, launcher.command("worker", "--config", configFile().toString()));
        }
        for (Role worker : workers) {
            worker.awaitServing();
            probe.await(worker);
        }
    }

    private Role started(Part part, List<String> command) {
        List<Role> all = roles.computeIfAbsent(part, _ -> new ArrayList<>());
        var role = new Role(part + "-" + (all.size() + 1), List.of(command), folder);
        all.add(role);
        role.start();
        return role;
    }

    private Role role(Part part) {
        return roles.getOrDefault(part, List.of()).getFirst();
    }

    /// The gateway's base for OpenAI clients, ending in `/v1`.
    public URI gateway() {
        return role(Part.GATEWAY).url().resolve("/v1");
    }

    /// The model's base for OpenAI clients, ending in `/v1`.
    public URI model() {
        return role(Part.MODEL).url();
    }

    /// The configuration that gateway and workers have.
    public Path configFile() {
        return folder.resolve("sluice.yaml");
    }

    /// What all parts have used until now, this process included.
    public Uses uses() {
        var processes = new EnumMap<Part, Stream<ProcessHandle>>(Part.class);
        roles.forEach((part, all) -> processes.put(part, all.stream().map(Role::program)));
        processes.put(Part.REDIS, role(Part.BROKER).program().descendants());
        processes.put(Part.LOAD, Stream.of(ProcessHandle.current()));
        return Uses.of(processes);
    }

    /// The processes of a part.
    public List<ProcessHandle> processes(Part part) {
        return roles.getOrDefault(part, List.of()).stream().map(Role::program).toList();
    }

    /// How many runs the workers execute now.
    public long executing() throws InterruptedException {
        double used = 0;
        for (Role worker : roles.getOrDefault(Part.WORKER, List.of())) {
            used += probe.metric(worker, "sluice_worker_slots_used");
        }
        return Math.round(used);
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills everything and removes its data.
    @Override
    public void close() {
        probe.close();
        try (var killers = Executors.newVirtualThreadPerTaskExecutor()) {
            roles.values().stream()
                    .flatMap(List::stream)
                    .forEach(role -> killers.execute(role::abandon));
        }
        Folders.remove(data());
    }
}
