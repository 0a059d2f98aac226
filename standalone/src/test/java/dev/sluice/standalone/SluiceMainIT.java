package dev.sluice.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// How the process begins and ends.
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class SluiceMainIT {
    @TempDir Path folder;
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endAll() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void aRoleEndsWithStatusZeroOnSigterm() throws Exception {
        Process model = start("model", "--port", "0");
        assertThat(firstLine(model)).startsWith("ready http://127.0.0.1:");

        signal(model, "TERM");

        assertThat(status(model)).isZero();
    }

    @Test
    void theInfraKeepsItsDataFolderToItselfAndEndsWithStatusZeroOnASignal() throws Exception {
        String[] command = {
            "infra", "--data", folder.toString(), "--kafka-port", "0", "--redis-port", "0"
        };
        Process infra = start(command);
        assertThat(firstLine(infra))
                .matches("ready kafka 127\\.0\\.0\\.1:\\d+ redis redis://127\\.0\\.0\\.1:\\d+");

        Process second = start(command);

        assertThat(status(second)).isEqualTo(1);
        assertThat(complaints(second))
                .singleElement()
                .asString()
                .startsWith("./sluice infra: ")
                .contains(folder.toString());
        signal(infra, interruptReaches() ? "INT" : "TERM");
        assertThat(status(infra)).isZero();
        assertThat(complaints(infra)).isEmpty();
    }

    /// A shell starts its background jobs with SIGINT ignored, and a JVM leaves it at that.
    private static boolean interruptReaches() throws IOException {
        Path status = Path.of("/proc/self/status");
        return !Files.exists(status)
                || Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .map(line -> new BigInteger(line.substring(7).strip(), 16))
                        .noneMatch(ignored -> ignored.testBit(1));
    }

    @Test
    void upAnswersWithAToolsResult() throws Exception {
        Process up = start("up", "--port", "0", "--data", folder.toString());
        String ready = firstLine(up);
        assertThat(ready).startsWith("ready http://127.0.0.1:");
        HttpRequest question =
                HttpRequest.newBuilder(
                                URI.create(
                                        ready.substring("ready ".length())
                                                + "/v1/chat/completions"))
                        .header("content-type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        """
                                        {"model": "demo", "messages": [
                                          {"role": "user", "content": "What is 12*7?"}]}
                                        """))
                        .build();

        HttpResponse<String> answer;
        try (var client = HttpClient.newHttpClient()) {
            answer = client.send(question, HttpResponse.BodyHandlers.ofString());
        }

        assertThat(answer.body()).contains("12*7 = 84");
        signal(up, "TERM");
        assertThat(status(up)).isZero();
    }

    @Test
    void aRoleThatIsStoppedWhileItStartsLeavesNothingBehind() throws Exception {
        Process infra =
                start("infra", "--data", folder.toString(), "--kafka-port=0", "--redis-port=0");
        var redisLog = folder.resolve("redis/redis.log").toFile();
        await().until(redisLog::exists);

        signal(infra, "TERM");

        assertThat(status(infra)).isIn(0, 1);
        Process next =
                start("infra", "--data", folder.toString(), "--kafka-port=0", "--redis-port=0");
        assertThat(firstLine(next)).startsWith("ready ");
    }

    private Process start(String... args) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Xmx320m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SluiceMain.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).start();
        processes.add(process);
        return process;
    }

    private static String firstLine(Process process) throws IOException {
        return String.valueOf(
                new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.UTF_8))
                        .readLine());
    }

    private static List<String> complaints(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private static void signal(Process process, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    private static int status(Process process) throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("has ended").isTrue();
        return process.exitValue();
    }
}
