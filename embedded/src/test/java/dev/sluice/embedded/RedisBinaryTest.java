package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisBinaryTest {

    @TempDir Path folder;

    @Test
    void redisOfALaterFolderBeatsValkeyOfAnEarlierOne() throws IOException {
        program("first/valkey-server", "rwxr-xr-x");
        Path redis = program("second/redis-server", "rwxr-xr-x");
        assertThat(RedisBinary.find(path("first", "second")))
                .isEqualTo(new RedisBinary.Installed(redis));
    }

    @Test
    void valkeyIsTakenWhereThereIsNoRedis() throws IOException {
        Path valkey = program("second/valkey-server", "rwxr-xr-x");
        assertThat(RedisBinary.find(path("first", "second")))
                .isEqualTo(new RedisBinary.Installed(valkey));
    }

    @Test
    void aFileThatCannotBeExecutedIsPassedOver() throws IOException {
        program("first/redis-server", "rw-r--r--");
        assertThat(RedisBinary.find(path("first", ""))).isEqualTo(new RedisBinary.Bundled());
    }

    @Test
    void withoutASearchPathTheBundledOneIsTaken() {
        assertThat(RedisBinary.find(null)).isEqualTo(new RedisBinary.Bundled());
    }

    @Test
    void theBundledProgramIsUnpackedOnceForEachSystem() throws IOException {
        Path linux = BundledRedis.unpack(folder, "Linux", "aarch64");
        Path mac = BundledRedis.unpack(folder, "Mac OS X", "x86_64");
        assertThat(linux).isExecutable().hasFileName("redis-server-7.0.15-linux-arm64");
        assertThat(mac).isExecutable().hasFileName("redis-server-7.0.15-darwin-amd64");
        var unpacked = Files.getLastModifiedTime(linux);
        assertThat(BundledRedis.unpack(folder, "Linux", "aarch64")).isEqualTo(linux);
        assertThat(Files.getLastModifiedTime(linux)).isEqualTo(unpacked);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(linux, mac);
        }
    }

    @Test
    void aSystemWithoutABundledProgramIsNamed() {
        assertThatThrownBy(() -> BundledRedis.unpack(folder, "SunOS", "sparcv9"))
                .isInstanceOf(EmbeddedStartException.class)
                .hasMessageContaining("SunOS on sparcv9");
    }

    private Path program(String name, String permissions) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.setPosixFilePermissions(
                Files.createFile(file), PosixFilePermissions.fromString(permissions));
    }

    private String path(String... folders) {
        String[] all = new String[folders.length];
        for (int i = 0; i < folders.length; i++) {
            all[i] = folders[i].isEmpty() ? "" : folder.resolve(folders[i]).toString();
        }
        return String.join(File.pathSeparator, all);
    }
}
