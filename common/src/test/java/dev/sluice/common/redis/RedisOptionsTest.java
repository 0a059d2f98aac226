package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.common.StartException;
import dev.sluice.common.config.ConfigLoader;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslVerifyMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What of `redis` reaches Lettuce, key by key.
class RedisOptionsTest {
    @TempDir Path folder;

    @Test
    void hostPortAndDatabase() {
        RedisURI uri = options("url: redis://my_redis:6380/3").uri();

        assertThat(uri.getHost()).isEqualTo("my_redis");
        assertThat(uri.getPort()).isEqualTo(6380);
        assertThat(uri.getDatabase()).isEqualTo(3);
        assertThat(uri.isSsl()).isFalse();
        assertThat(uri.getSentinels()).isEmpty();
        assertThat(login(uri).hasUsername()).isFalse();
        assertThat(login(uri).hasPassword()).isFalse();
        assertThat(uri.getClientName()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "url: 'redis://u:p%40@h'",
                "url: redis://h, username: u, password: p@",
                "url: redis://:p%40@h, username: u",
                "url: 'redis://u:@h', password: p@"
            })
    void theLoginIsPutTogetherFromUrlAndKeys(String redis) {
        RedisURI uri = options(redis).uri();

        assertThat(login(uri).getUsername()).isEqualTo("u");
        assertThat(login(uri).getPassword()).containsExactly('p', '@');
        assertThat(uri.toString()).doesNotContain("p@", "p%40");
    }

    @Test
    void aPasswordNeedsNoUser() {
        RedisURI uri = options("url: redis://h, password: p").uri();

        assertThat(login(uri).hasUsername()).isFalse();
        assertThat(login(uri).getPassword()).containsExactly('p');
    }

    @Test
    void sentinelsHaveALoginOfTheirOwn() {
        RedisURI uri =
                options(
                                """
                                url: 'rediss-sentinel://u:p@one:1,two/4#main',
                                sentinel: { username: watcher, password: s },
                                tls: { verify: ca },
                                timeout: 3s
                                """)
                        .uri();

        assertThat(uri.getHost()).isNull();
        assertThat(uri.getSentinelMasterId()).isEqualTo("main");
        assertThat(uri.getDatabase()).isEqualTo(4);
        assertThat(login(uri).getUsername()).isEqualTo("u");
        assertThat(login(uri).getPassword()).containsExactly('p');
        assertThat(uri.getSentinels())
                .extracting(RedisURI::getHost, RedisURI::getPort)
                .containsExactly(tuple("one", 1), tuple("two", 26379));
        assertThat(uri.getSentinels())
                .allSatisfy(sentinel -> {
                    assertThat(login(sentinel).getUsername()).isEqualTo("watcher");
                    assertThat(login(sentinel).getPassword()).containsExactly('s');
                    assertThat(sentinel.isSsl()).isTrue();
                    assertThat(sentinel.getVerifyMode()).isEqualTo(SslVerifyMode.CA);
                    assertThat(sentinel.getTimeout()).isEqualTo(Duration.ofSeconds(3));
                });
    }

    @Test
    void thePrimarysLoginIsNotSentToTheSentinels() {
        RedisURI uri = options("url: 'redis-sentinel://u:p@one#main'").uri();

        assertThat(login(uri.getSentinels().getFirst()).hasPassword()).isFalse();
        assertThat(uri.getSentinels().getFirst().isSsl()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"full, FULL", "ca, CA", "none, NONE"})
    void theVerifyMode(String written, SslVerifyMode mode) {
        RedisURI uri = options("url: rediss://h, tls: { verify: " + written + " }").uri();

        assertThat(uri.isSsl()).isTrue();
        assertThat(uri.getVerifyMode()).isEqualTo(mode);
    }

    @Test
    void tlsAloneChecksChainAndName() {
        assertThat(options("url: rediss://h").uri().isSsl()).isTrue();
        assertThat(options("url: rediss://h").uri().getVerifyMode()).isEqualTo(SslVerifyMode.FULL);
    }

    @Test
    void theClientName() {
        assertThat(options("client_name: gateway-1").uri().getClientName()).isEqualTo("gateway-1");
    }

    @Test
    void theTimeoutIsThatOfConnectionsAndCommands() {
        RedisOptions options = options("timeout: 750ms");

        assertThat(options.uri().getTimeout()).isEqualTo(Duration.ofMillis(750));
        assertThat(options.client().getSocketOptions().getConnectTimeout())
                .isEqualTo(Duration.ofMillis(750));
        assertThat(options.client().getTimeoutOptions().isTimeoutCommands()).isTrue();
    }

    @Test
    void theKeepAlive() {
        SocketOptions socket =
                options("keep_alive: { idle: 30s, interval: 5s, count: 4 }")
                        .client()
                        .getSocketOptions();

        assertThat(socket.isKeepAlive()).isTrue();
        assertThat(socket.getKeepAlive().getIdle()).isEqualTo(Duration.ofSeconds(30));
        assertThat(socket.getKeepAlive().getInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(socket.getKeepAlive().getCount()).isEqualTo(4);
    }

    @Test
    void commandsFailAtOnceWhileNotConnected() {
        assertThat(options("{}").client().getDisconnectedBehavior())
                .isEqualTo(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS);
    }

    @Test
    void aTlsFileThatIsNotThereIsNamedAtTheStart() {
        assertThatThrownBy(() -> options("url: rediss://h, tls: { ca_file: /no/ca.pem }").client())
                .isInstanceOf(StartException.class)
                .hasMessage("redis.tls.ca_file: /no/ca.pem is no file that can be read");
    }

    @Test
    void aTlsFileThatIsNoCertificateIsRefusedAtTheStart() throws IOException {
        Path file = Files.writeString(folder.resolve("ca.pem"), "nothing");

        assertThatThrownBy(
                        () -> options("url: rediss://h, tls: { ca_file: '" + file + "' }").client())
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("redis.tls: the files cannot be used: ");
    }

    @Test
    void theKeysPasswordOpensIt() {
        Certificates certificates = Certificates.in(folder);
        String files =
                "url: rediss://h, tls: { cert_file: '%s', key_file: '%s', key_password: "
                        .formatted(
                                certificates.certificate("client"),
                                certificates.lockedKey("client", "open sesame"));

        assertThat(options(files + "open sesame }").client().getSslOptions()).isNotNull();
        assertThatThrownBy(() -> options(files + "sesame }").client())
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("redis.tls: the files cannot be used: ")
                .hasMessageNotContaining("sesame");
    }

    private static RedisOptions options(String redis) {
        String yaml = "redis: " + (redis.equals("{}") ? redis : "{ " + redis + " }");
        return new RedisOptions(ConfigLoader.parse(yaml, "sluice.yaml", Map.of()).redis());
    }

    private static RedisCredentials login(RedisURI uri) {
        return ((RedisCredentialsProvider.ImmediateRedisCredentialsProvider)
                        uri.getCredentialsProvider())
                .resolveCredentialsNow();
    }
}
