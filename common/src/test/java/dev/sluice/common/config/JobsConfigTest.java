package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobsConfigTest {
    private final JobsConfig jobs =
            new JobsConfig(
                    true,
                    List.of(
                            new JobsConfig.Source("/shop/vip", "vip", false),
                            new JobsConfig.Source("/shop/*", "shop", false),
                            new JobsConfig.Source("", "nameless", false)),
                    List.of("shop.*"),
                    Duration.ofMinutes(1),
                    1000);

    private Optional<String> key(String source) {
        return jobs.source(source).map(JobsConfig.Source::key);
    }

    @Test
    void aJobHasTheRightsOfTheFirstEntryThatFits() {
        assertThat(key("/shop/vip")).hasValue("vip");
        assertThat(key("/shop/vips")).hasValue("shop");
        assertThat(key("")).hasValue("nameless");
        assertThat(key("/shop")).isEmpty();
    }

    @Test
    void aResultGoesOnlyWhereAPatternSays() {
        assertThat(jobs.repliesTo("shop.answers")).isTrue();
        assertThat(jobs.repliesTo("other.shop.answers")).isFalse();
    }
}
