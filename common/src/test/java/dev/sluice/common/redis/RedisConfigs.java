package dev.sluice.common.redis;

import dev.sluice.common.config.RedisConfig;
import dev.sluice.common.config.Secret;
import java.time.Duration;

/// What tests on Redis share.
final class RedisConfigs {
    private RedisConfigs() {}

    static RedisConfig of(String url) {
        return new RedisConfig(new Secret(url), null, null, null, "test", Duration.ofSeconds(2));
    }
}
