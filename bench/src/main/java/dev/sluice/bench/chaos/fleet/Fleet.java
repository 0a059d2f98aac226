package dev.sluice.bench.chaos.fleet;

import dev.sluice.bench.chaos.script.ModelScript;
import dev.sluice.bench.chaos.tool.ToolServerMain;
import dev.sluice.bench.fleet.Jvm;
import dev.sluice.bench.fleet.Ports;
import dev.sluice.bench.fleet.ReadyProbe;
import dev.sluice.bench.fleet.RedisServer;
import dev.sluice.bench.fleet.Role;
import dev.sluice.embedded.RedisBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All processes. Belongs to one thread, but for [#close()].
public final class Fleet implements AutoCloseable {
    /// The API key that the gateways know.
    public static final String KEY = FleetConfig.KEY;

    private static final int GATEWAYS = 2;
    private static final int WORKERS = 3;
    private static final double TOKENS_PER_SECOND = 40;

    private final Path folder;
    private final FleetConfig config;
    private final RedisServer redis;
    private final Role broker;
    private final List<Role> never;
    private final List<Role> gateways;
    private final List<Role> workers;
    private final ReadyProbe probe = new ReadyProbe();

    private Fleet(Path folder, @Nullable String searchPath, @Nullable Path beside) {
        this.folder = folder;
        Ports ports = new Ports();
        int kafka = ports.next();
        int model = ports.next();
        int tools = ports.next();
        redis =
                new RedisServer(
                        folder.resolve("redis"), ports.next(), RedisBinary.find(searchPath));
        config =
                new FleetConfig(
                        "127.0.0.1:" + kafka,
                        redis.url(),
                        URI.create("http://127.0.0.1:" + model + "/v1"),
                        URI.create("http://127.0.0.1:" + tools + "/mcp"));
        broker = role("broker", broker(kafka));
        never =
                List.of(
                        role(
                                "model",
                                Jvm.role(96, "model", "--port", "" + model, "--script", script())),
                        role(
                                "tools",
                                Jvm.of(
                                        96,
                                        ToolServerMain.class.getName(),
                                        "" + tools,
                                        toolLedger().toString())));
        gateways =
                IntStream.rangeClosed(1, GATEWAYS).mapToObj(i -> gateway(i, ports.next())).toList();
        workers = IntStream.rangeClosed(1, WORKERS).mapToObj(i -> worker(i, beside)).toList();
    }

    /// Starts everything and returns when it serves.
    ///
    /// @param folder of all data, configuration and logs; it is there and empty
    /// @param searchPath the value of the environment variable `PATH`, for a redis-server
    /// @param beside another checkout of Sluice, whose workers take turns with this one's
    /// @throws dev.sluice.bench.fleet.FleetException if a process does not start
    public static Fleet start(Path folder, @Nullable String searchPath, @Nullable Path beside)
            throws InterruptedException {
        write(folder.resolve("script.yaml"), ModelScript.yaml(TOKENS_PER_SECOND));
        try {
            Files.createDirectories(folder.resolve("logs"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Fleet fleet = new Fleet(folder, searchPath, beside);
        try {
            fleet.broker.start();
            fleet.never.forEach(Role::start);
            fleet.redis.start();
            fleet.broker.awaitServing();
            for (Role role : fleet.never) {
                role.awaitServing();
            }
            fleet.workers.forEach(Role::start);
            fleet.gateways.forEach(Role::start);
            fleet.awaitReady();
            return fleet;
        } catch (InterruptedException | RuntimeException e) {
            fleet.close();
            throw e;
        }
    }

    /// A Redis that the environment names keeps `infra` from starting one of its own.
    private List<String> broker(int port) {
        List<String> command =
                new ArrayList<>(List.of("/usr/bin/env", "SLUICE_REDIS_URL=" + redis.url()));
        command.addAll(
                Jvm.role(256, "infra", "--data", folder.toString(), "--kafka-port", "" + port));
        return command;
    }

    private Role gateway(int number, int port) {
        String name = "gateway-" + number;
        return role(name, server("gateway", configured(name, port)));
    }

    /// Every other worker begins as one of the other checkout, and each is of the other one after
    /// every start.
    private Role worker(int number, @Nullable Path beside) {
        String name = "worker-" + number;
        Path file = configured(name, 0);
        List<String> own = server("worker", file);
        if (beside == null) {
            return role(name, own);
        }
        List<String> other =
                List.of(beside.resolve("sluice").toString(), "worker", "--config", file.toString());
        return new Role(
                name,
                number % 2 == 0 ? List.of(own, other) : List.of(other, own),
                folder.resolve("logs"));
    }

    private Path configured(String name, int port) {
        Path file = folder.resolve(name + ".yaml");
        write(file, config.yaml(port));
        return file;
    }

    private static List<String> server(String kind, Path config) {
        return Jvm.role(160, kind, "--config", config.toString());
    }

    private Role role(String name, List<String> command) {
        return new Role(name, List.of(command), folder.resolve("logs"));
    }

    private String script() {
        return folder.resolve("script.yaml").toString();
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until every process serves and says that it is ready.
    ///
    /// @throws dev.sluice.bench.fleet.FleetException if that is not so within a minute, or a
    ///   process has ended by itself
    public void awaitReady() throws InterruptedException {
        broker.awaitServing();
        for (Role role : Stream.concat(gateways.stream(), workers.stream()).toList()) {
            role.awaitServing();
            probe.await(role);
        }
        never.forEach(Role::refuseDead);
    }

    public List<Role> gateways() {
        return gateways;
    }

    public List<Role> workers() {
        return workers;
    }

    public Role broker() {
        return broker;
    }

    public RedisServer redis() {
        return redis;
    }

    /// The roots of the gateways.
    public List<URI> roots() {
        return gateways.stream().map(Role::url).toList();
    }

    /// The configuration that workers have.
    public Path configFile() {
        return folder.resolve("worker-1.yaml");
    }

    /// Where the tools write down their calls.
    public Path toolLedger() {
        return folder.resolve("tools.tsv");
    }

    /// Kills everything, from any thread.
    @Override
    public void close() {
        probe.close();
        try (var killers = Executors.newVirtualThreadPerTaskExecutor()) {
            Stream.of(gateways, workers, never, List.of(broker))
                    .flatMap(List::stream)
                    .forEach(role -> killers.execute(role::abandon));
            killers.execute(redis::kill);
        }
    }
}
