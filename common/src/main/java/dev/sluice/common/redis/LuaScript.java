package dev.sluice.common.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A Lua script, sent by its digest and in full only where Redis does not have it yet.
public final class LuaScript {
    private final String text;
    private final String digest;

    private LuaScript(String text) {
        this.text = text;
        this.digest = io.lettuce.core.codec.Base16.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /// The script in a resource beside `owner`.
    public static LuaScript resource(Class<?> owner, String name) {
        try (InputStream file = owner.getResourceAsStream(name)) {
            if (file == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return new LuaScript(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs it. Its answer is a list, whose elements are longs, strings or null.
    public CompletionStage<List<Object>> run(
            RedisAsyncCommands<String, String> commands, String[] keys, String... arguments) {
        CompletionStage<List<Object>> first =
                commands.evalsha(digest, ScriptOutputType.MULTI, keys, arguments);
        return first.handle(
                        (answer, failure) -> {
                            if (failure == null) {
                                return CompletableFuture.completedStage(answer);
                            }
                            if (failure instanceof RedisNoScriptException) {
                                CompletionStage<List<Object>> whole =
                                        commands.eval(
                                                text, ScriptOutputType.MULTI, keys, arguments);
                                return whole;
                            }
                            return CompletableFuture.<List<Object>>failedStage(failure);
                        })
                .thenCompose(stage -> stage);
    }
}
