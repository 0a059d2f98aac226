package dev.sluice.common.redis;

import dev.sluice.common.config.RedisConfig;
import java.time.Duration;

/// What tests on Redis share.
final class RedisConfigs {
    private RedisConfigs() {}

    static RedisConfig of(String url) {
        return RedisConfig.of(url, "test", Duration.ofSeconds(2));
    }
}
