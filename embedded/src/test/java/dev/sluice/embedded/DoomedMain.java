package dev.sluice.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// A process to be killed: it starts both parts under the folder it is given, writes one value into
/// each, prints `ready REDIS_PID` and waits.
final class DoomedMain {

    private DoomedMain() {}

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]);
        var redis = EmbeddedRedis.start(data.resolve("redis"), 0, new RedisBinary.Bundled());
        RedisCommands.send(redis.port(), "SET k v");
        var kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
        KafkaClients.createTopic(kafka.bootstrapServers(), "t");
        KafkaClients.send(kafka.bootstrapServers(), "t", "kept".getBytes(UTF_8));
        System.out.println("ready " + redis.pid());
        new CountDownLatch(1).await();
    }
}
