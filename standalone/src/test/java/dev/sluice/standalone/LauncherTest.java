package dev.sluice.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.standalone.Launcher.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `./sluice` itself, in a project whose Maven and JDK are scripts that note what they are asked.
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class LauncherTest {
    @TempDir Path folder;
    Launcher launcher;

    @BeforeEach
    void aProject() throws IOException {
        launcher = Launcher.in(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "--help", "-h"})
    void helpNamesEveryCommandAndBuildsNothing(String asked) throws Exception {
        Outcome outcome = launcher.run(asked);

        assertThat(outcome.out())
                .anyMatch(line -> line.startsWith("  up "))
                .anyMatch(line -> line.startsWith("  infra "))
                .anyMatch(line -> line.startsWith("  test "));
        assertThat(outcome.status()).isZero();
        assertThat(launcher.builds()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version"})
    void theVersionIsThatOfTheProject(String asked) throws Exception {
        Files.writeString(
                launcher.root().resolve("pom.xml"),
                """
                <project>
                  <version>1.2.3</version>
                  <modules/>
                </project>
                """);

        Outcome outcome = launcher.run(asked);

        assertThat(outcome.out()).containsExactly("Sluice 1.2.3");
        assertThat(launcher.builds()).isZero();
    }

    @Test
    void anUnknownCommandIsOneLineAndStatusTwo() throws Exception {
        Outcome outcome = launcher.run("upp");

        assertThat(outcome.err())
                .containsExactly("./sluice: there is no command upp; see ./sluice --help");
        assertThat(outcome.status()).isEqualTo(2);
    }

    @Test
    void theFirstStartBuildsAndTheSecondDoesNot() throws Exception {
        Outcome first = launcher.run("infra", "--data", "a b");
        Outcome second = launcher.run("infra");

        assertThat(first.err())
                .anyMatch(line -> line.startsWith("Building Sluice (first start; downloads"))
                .last()
                .asString()
                .startsWith("Built Sluice in ");
        assertThat(first.out()).containsSubsequence("-cp", "infra", "--data", "a b");
        assertThat(second.err()).isEmpty();
        assertThat(second.status()).isZero();
        assertThat(launcher.builds()).isEqualTo(1);
    }

    @Test
    void theClassPathIsACopyThatTheNextBuildLeavesAlone() throws Exception {
        Path jar = jar(launcher.run("infra"));

        launcher.touch("worker/src/main/java/Worker.java");
        Path next = jar(launcher.run("infra"));

        assertThat(jar).startsWith(launcher.root().resolve(".sluice/app")).exists();
        assertThat(next).startsWith(launcher.root().resolve(".sluice/app")).isNotEqualTo(jar);
    }

    @Test
    void onlyTheBenchHasTheBenchInItsClassPath() throws Exception {
        Outcome bench = launcher.run("bench", "chaos", "--kills", "3");
        Outcome infra = launcher.run("infra");

        assertThat(jar(bench)).exists().asString().contains("/bench/sluice-bench-");
        assertThat(bench.out())
                .containsSubsequence("-cp", "dev.sluice.bench.BenchMain", "chaos", "--kills", "3")
                .doesNotContain("bench");
        assertThat(infra.out()).noneMatch(line -> line.contains("sluice-bench-"));
    }

    @Test
    void upStartsWithTheCacheThatItsStartLeftBehindUntilTheNextBuild() throws Exception {
        String java = Files.readString(launcher.jdk().resolve("bin/java"));
        launcher.javaDoes(
                """
                for option in "$@"; do
                    case $option in -XX:AOTCacheOutput=*) cache=${option#*=} ;; esac
                done
                trap 'echo notes >"$cache"; exit 143' TERM
                echo ready http://127.0.0.1:1
                while :; do sleep 0.1; done\
                """);
        Outcome trained = launcher.run("aot");
        Files.writeString(launcher.jdk().resolve("bin/java"), java);

        Outcome up = launcher.run("up");
        Outcome infra = launcher.run("infra");
        launcher.touch("worker/src/main/java/Worker.java");
        Outcome rebuilt = launcher.run("up");

        assertThat(trained.status()).isZero();
        assertThat(trained.err()).last().asString().startsWith("Done in ");
        assertThat(up.out()).anyMatch(option -> option.matches("-XX:AOTCache=.*/up\\.aot"));
        assertThat(infra.out()).noneMatch(option -> option.contains("AOT"));
        assertThat(rebuilt.out()).noneMatch(option -> option.contains("AOT"));
    }

    @Test
    void aStartThatLeavesNoCacheBehindIsAFailure() throws Exception {
        launcher.javaDoes("echo no memory; exit 1");

        Outcome outcome = launcher.run("aot");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .last()
                .asString()
                .contains("no cache came of it", ".sluice/aot.log");
    }

    @Test
    void aDeletedSourceBuildsAgain() throws Exception {
        launcher.run("infra");

        Files.delete(launcher.root().resolve("worker/src/main/java/Worker.java"));
        Outcome outcome = launcher.run("infra");

        assertThat(outcome.err())
                .anyMatch(line -> line.startsWith("Building Sluice (its source has changed)"));
        assertThat(launcher.builds()).isEqualTo(2);
    }

    @Test
    void aChangeDuringTheBuildIsBuiltByTheNextStart() throws Exception {
        launcher.mavenAlso("touch worker/src/main/java/Worker.java");

        launcher.run("infra");
        launcher.run("infra");

        assertThat(launcher.builds()).isEqualTo(2);
    }

    @Test
    void aFailedBuildShowsItsErrorsAndWhereTheLogIs() throws Exception {
        launcher.mavenAlso("echo '[ERROR] Worker.java:[3,1] no such thing'; exit 1");

        Outcome outcome = launcher.run("infra");

        assertThat(outcome.err())
                .contains("[ERROR] Worker.java:[3,1] no such thing")
                .last()
                .asString()
                .contains(
                        "the build failed",
                        launcher.root().resolve(".sluice/build.log").toString());
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(launcher.root().resolve(".sluice/build.lock")).doesNotExist();
    }

    @Test
    void ofTwoFirstStartsOneBuilds() throws Exception {
        launcher.mavenAlso("sleep 1");
        Process other = launcher.start("infra");

        Outcome outcome = launcher.run("infra");

        assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(outcome.status()).isZero();
        assertThat(launcher.builds()).isEqualTo(1);
    }

    @Test
    void theLockOfADeadProcessIsTakenOver() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Path lock = Files.createDirectories(launcher.root().resolve(".sluice/build.lock"));
        Files.writeString(lock.resolve("pid"), dead.pid() + "\n");

        Outcome outcome = launcher.run("infra");

        assertThat(outcome.status()).isZero();
        assertThat(lock).doesNotExist();
    }

    @Test
    void anInterruptedBuildEndsMavenAndLeavesNoLock() throws Exception {
        launcher.mavenAlso("exec sleep 50");
        Process building = launcher.start("infra");
        long maven = launcher.awaitMaven();

        building.destroy();

        assertThat(building.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(building.exitValue()).isEqualTo(143);
        assertThat(ProcessHandle.of(maven).map(ProcessHandle::isAlive).orElse(false)).isFalse();
        assertThat(launcher.root().resolve(".sluice/build.lock")).doesNotExist();
    }

    @Test
    void itWorksThroughASymlinkFromAnotherFolder() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Path link =
                Files.createSymbolicLink(elsewhere.resolve("link"), Path.of("../project/sluice"));

        Outcome outcome = launcher.run(elsewhere, link.toString(), "infra");

        assertThat(outcome.status()).isZero();
        assertThat(jar(outcome)).startsWith(launcher.root().resolve(".sluice/app"));
        assertThat(outcome.out()).contains("in " + elsewhere.toRealPath());
    }

    @Test
    void anotherJdkThanTheNamedOneIsRefused() throws Exception {
        Files.writeString(launcher.jdk().resolve("release"), "JAVA_VERSION=\"26.0.1\"\n");

        Outcome outcome = launcher.run("infra");

        assertThat(outcome.err())
                .containsExactly("./sluice: SLUICE_JAVA_HOME is not a JDK 25: " + launcher.jdk());
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void testPassesItsArgumentsToMavenAndAddsUpTheReports() throws Exception {
        launcher.report("worker", "surefire", 12, 0, 1);
        launcher.mavenAlso("touch worker/target/*-reports/*.xml; exit 3");
        // A report of an earlier run does not count.
        launcher.report("gateway", "failsafe", 30, 5, 0);
        Files.setLastModifiedTime(
                launcher.root().resolve("gateway/target/failsafe-reports/TEST-a.xml"),
                FileTime.from(Instant.now().minusSeconds(3600)));

        Outcome outcome = launcher.run("test", "-Dquick", "-pl", "worker");

        assertThat(outcome.out())
                .anyMatch(line -> line.endsWith(" verify -Dquick -pl worker"))
                .contains("Sluice test: the build failed, see above");
        assertThat(outcome.out())
                .last()
                .asString()
                .matches("Sluice test: 12 tests, 0 failed, 1 skipped, \\d+ s");
        assertThat(outcome.status()).isEqualTo(3);
    }

    private static Path jar(Outcome outcome) {
        List<String> java = outcome.out();
        return Path.of(java.get(java.indexOf("-cp") + 1).split(":", 2)[0]);
    }
}
