package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Json;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// OpenAI's Chat Completions (`POST /v1/chat/completions`).
///
/// A stream ends with `data: [DONE]` only where the run completed; where it did not, its last frame
/// is an `error` object in the same form as an error body, on which OpenAI's clients throw. Text of
/// several turns of a run is separated by a blank line.
public final class ChatDialect implements Dialect {

    @Override
    public Parsed parse(Buffer body) {
        return parsed(() -> RequestReader.chat(body));
    }

    /// Reads the body of a request for a run: that of a chat completion, and what it says of the
    /// run itself. `events` is how the run's events are streamed.
    public Parsed parseRun(Buffer body, Format events) {
        return parsed(() -> RequestReader.run(body, events));
    }

    /// Reads a job: a JSON object that says as much as a request for a run does.
    public Parsed parseJob(JsonNode job) {
        return parsed(() -> RequestReader.job(job));
    }

    private static Parsed parsed(Supplier<Ask> reading) {
        try {
            return new Parsed.Accepted(reading.get());
        } catch (RefusedException e) {
            return new Parsed.Refused(e.refusal());
        }
    }

    /// A chat completion's stream. `streamedUsage` is `stream_options.include_usage`.
    public Format format(boolean streamedUsage) {
        return new ChatFormat(streamedUsage);
    }

    @Override
    public ErrorResponse error(Failure failure, boolean acted) {
        Wording wording = Wording.of(failure);
        Map<String, String> headers = new LinkedHashMap<>(wording.headers());
        headers.put("content-type", "application/json");
        if (acted) {
            headers.put("x-should-retry", "false");
        }
        return new ErrorResponse(
                wording.status(),
                headers,
                Buffer.buffer(Json.MAPPER.writeValueAsBytes(wording.body())));
    }
}
