package dev.sluice.worker.memory;

import dev.sluice.common.redis.Redis;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import dev.sluice.worker.run.Continuations;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/// Keeps continuations in Redis, one entry a call id, for a bounded time. While Redis is away
/// nothing is kept and nothing found: the run goes on, and the model is told what that means.
public final class RedisContinuations implements Continuations {
    private static final Logger LOG = LoggerFactory.getLogger(RedisContinuations.class);
    private static final TypeReference<List<Message>> MESSAGES = new TypeReference<>() {};

    private final Redis redis;
    private final SetArgs expiry;

    /// Continuations that are kept for `ttl`.
    public RedisContinuations(Redis redis, Duration ttl) {
        this.redis = redis;
        this.expiry = SetArgs.Builder.px(ttl.toMillis());
    }

    @Override
    public void keep(@Nullable String key, List<String> callIds, List<Message> unseen)
            throws InterruptedException {
        String json = Json.MAPPER.writeValueAsString(unseen);
        List<RedisFuture<String>> kept = new ArrayList<>();
        try {
            for (String id : callIds) {
                kept.add(redis.commands().set(entry(key, id), json, expiry));
            }
            for (RedisFuture<String> future : kept) {
                future.get();
            }
        } catch (ExecutionException | RedisException e) {
            LOG.atWarn().setCause(e).log("a continuation could not be kept");
        }
    }

    @Override
    public Map<String, List<Message>> find(@Nullable String key, Collection<String> callIds)
            throws InterruptedException {
        Map<String, String> idsByEntry = new HashMap<>();
        callIds.forEach(id -> idsByEntry.put(entry(key, id), id));
        Map<String, List<Message>> found = new HashMap<>();
        try {
            for (KeyValue<String, String> value :
                    redis.commands().mget(idsByEntry.keySet().toArray(String[]::new)).get()) {
                String id = idsByEntry.get(value.getKey());
                if (value.hasValue() && id != null) {
                    found.put(id, Json.MAPPER.readValue(value.getValue(), MESSAGES));
                }
            }
        } catch (ExecutionException | RedisException | JacksonException e) {
            LOG.atWarn().setCause(e).log("continuations could not be looked up");
        }
        return found;
    }

    private String entry(@Nullable String key, String callId) {
        return redis.key("continuation", (key == null ? "" : key) + ":" + callId);
    }
}
