package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.config.RedisUrl.Host;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisUrlTest {
    @Test
    void aServer() {
        assertThat(RedisUrl.parse("redis://redis"))
                .isEqualTo(
                        new RedisUrl(false, List.of(new Host("redis", 6379)), null, null, 0, null));
        assertThat(RedisUrl.parse("rediss://sluice:p%40ss:%2F%25+@my_redis:6380/12"))
                .isEqualTo(
                        new RedisUrl(
                                true,
                                List.of(new Host("my_redis", 6380)),
                                "sluice",
                                new Secret("p@ss:/%+"),
                                12,
                                null));
        assertThat(RedisUrl.parse("redis://[2001:db8::1]:7/").hosts())
                .containsExactly(new Host("2001:db8::1", 7));
    }

    @Test
    void sentinels() {
        assertThat(RedisUrl.parse("rediss-sentinel://u:p@one:1,[::1],three/3#my%20primary"))
                .isEqualTo(
                        new RedisUrl(
                                true,
                                List.of(
                                        new Host("one", 1),
                                        new Host("::1", 26379),
                                        new Host("three", 26379)),
                                "u",
                                new Secret("p"),
                                3,
                                "my primary"));
    }

    @ParameterizedTest
    @CsvSource({"redis://:p@h,, p", "redis://p@h,, p", "redis://u:@h, u,", "redis://:@h,,"})
    void aLoginMayBeInPart(String url, String user, String password) {
        RedisUrl parsed = RedisUrl.parse(url);

        assertThat(parsed.user()).isEqualTo(user);
        assertThat(parsed.password()).isEqualTo(password == null ? null : new Secret(password));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    http://hunter2@h                  | must begin with redis://
                    redis:/hunter2                    | must begin with redis://
                    redis://u:hunter2@x@h             | is no URL: a special character of the password
                    redis://u:hunter2/x@h             | must name its host as host or host:port; a special
                    redis://u:hunter2%zz@h            | holds a character that wants percent-encoding
                    redis://u:hunter2 x@h             | holds a character that wants percent-encoding
                    redis://hunter2:x                 | must name its host
                    redis://                          | must name its host
                    redis://hunter2:0                 | must have ports between 1 and 65535
                    redis://h:65536                   | must have ports between 1 and 65535
                    redis://a,b                       | names several hosts
                    redis://h/hunter2                 | must have the number of a database after /
                    redis://h/-1                      | must have the number of a database after /
                    redis://h/9999999999              | must have the number of a database after /
                    redis://h?password=hunter2        | must have no parameters
                    redis://h#hunter2                 | must have no #
                    redis-sentinel://h                | must end with # and the name of the primary
                    redis-sentinel://h#               | must end with # and the name of the primary
                    """)
    void whatIsWrongIsSaidWithoutAnythingOfTheUrl(String url, String rule) {
        assertThatThrownBy(() -> RedisUrl.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(rule)
                .hasMessageNotContaining("hunter2")
                .hasNoCause();
    }

    @Test
    void thePasswordIsNotPrinted() {
        assertThat(RedisUrl.parse("redis://u:hunter2@h").toString())
                .contains("***")
                .doesNotContain("hunter2");
    }
}
