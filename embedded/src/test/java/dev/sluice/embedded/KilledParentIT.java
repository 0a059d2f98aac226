package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledParentIT {

    @TempDir Path data;

    @Test
    void redisEndsWithItsKilledParentAndBothPartsFindTheirDataAgain() throws Exception {
        // Given
        Process parent =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DoomedMain.class.getName(),
                                data.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        ProcessHandle redis;
        try (BufferedReader output = parent.inputReader()) {
            redis = redisOf(output);
            assertThatThrownBy(() -> EmbeddedKafka.start(data.resolve("kafka"), 0))
                    .hasMessageContaining(data.resolve("kafka").toString())
                    .hasMessageContaining("in use");

            // When: SIGKILL
            parent.destroyForcibly();
            parent.waitFor();
        }

        // Then
        await().atMost(Duration.ofSeconds(3)).until(() -> !redis.isAlive());
        try (var again = EmbeddedRedis.start(data.resolve("redis"), 0, new RedisBinary.Bundled())) {
            assertThat(RedisCommands.send(again.port(), "STRLEN k")).isEqualTo(":1");
        }
        try (var again = EmbeddedKafka.start(data.resolve("kafka"), 0)) {
            assertThat(KafkaClients.readAll(again.bootstrapServers(), "t")).containsExactly("kept");
        }
    }

    private static ProcessHandle redisOf(BufferedReader output) throws Exception {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("ready ")) {
                return ProcessHandle.of(Long.parseLong(line.substring("ready ".length())))
                        .orElseThrow();
            }
        }
        throw new AssertionError("the parent ended before it was ready");
    }
}
