package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobsConfigTest {
    private final JobsConfig jobs =
            new JobsConfig(
                    true,
                    List.of(
                            new JobsConfig.Source("/shop/vip", "vip"),
                            new JobsConfig.Source("/shop/*", "shop"),
                            new JobsConfig.Source("", "nameless")),
                    List.of("shop.*"),
                    Duration.ofMinutes(1));

    @Test
    void aJobHasTheRightsOfTheFirstEntryThatFits() {
        assertThat(jobs.key("/shop/vip")).hasValue("vip");
        assertThat(jobs.key("/shop/vips")).hasValue("shop");
        assertThat(jobs.key("")).hasValue("nameless");
        assertThat(jobs.key("/shop")).isEmpty();
    }

    @Test
    void aResultGoesOnlyWhereAPatternSays() {
        assertThat(jobs.repliesTo("shop.answers")).isTrue();
        assertThat(jobs.repliesTo("other.shop.answers")).isFalse();
    }
}
