package dev.sluice.bench.load;

import dev.sluice.common.run.Json;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.parsetools.RecordParser;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// One answer while it comes in: times its tokens, and holds it against the script's text.
final class Reception {
    private static final String DATA = "data:";
    private static final String DONE = "[DONE]";
    private static final int LONGEST_REASON = 200;

    private final String answer;
    private final long from;
    private final Tally tally;
    private final Promise<Void> over = Promise.promise();
    private int position;
    private long arrival;
    private long lastToken;
    private boolean done;
    private @Nullable String problem;

    /// @param answer what the script says
    /// @param from the moment that times count from
    Reception(String answer, long from, Tally tally) {
        this.answer = answer;
        this.from = from;
        this.tally = tally;
    }

    /// Reads the answer to its end.
    Future<Void> receive(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            tally.lost(Tokens.in(answer, 0));
            return response.body()
                    .compose(body ->
                            Future.failedFuture(
                                    shortened("status " + response.statusCode() + ": " + body)));
        }
        RecordParser lines = RecordParser.newDelimited("\n", this::line);
        response.exceptionHandler(e -> finish("the answer broke off: " + e.getMessage()));
        response.endHandler(_ -> end());
        response.handler(bytes -> {
            arrival = System.nanoTime();
            lines.handle(bytes);
        });
        return over.future();
    }

    private void line(Buffer bytes) {
        String line = bytes.toString().strip();
        if (!line.startsWith(DATA)) {
            return;
        }
        String data = line.substring(DATA.length()).strip();
        if (data.equals(DONE)) {
            done = true;
            return;
        }
        try {
            take(data);
        } catch (JacksonException _) {
            problem = shortened("a frame that is no JSON: " + data);
        }
    }

    /// Of a frame only its text matters, and reading no more of it keeps the load generator cheap.
    private void take(String frame) {
        try (JsonParser json = Json.FOREIGN.createParser(frame)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token != JsonToken.PROPERTY_NAME) {
                    continue;
                }
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("content") && value == JsonToken.VALUE_STRING) {
                    text(json.getString());
                    return;
                }
                if (name.equals("error") && value != JsonToken.VALUE_NULL) {
                    problem = shortened("an error frame: " + frame);
                    return;
                }
            }
        }
    }

    private void text(String piece) {
        if (piece.isEmpty()) {
            return;
        }
        if (!answer.startsWith(piece, position)) {
            problem = shortened("text that is not the script's: " + piece);
            return;
        }
        int tokens = Tokens.in(piece, position);
        if (position == 0) {
            tally.first(from, arrival, tokens);
            lastToken = arrival;
        } else if (tokens > 0) {
            tally.more(lastToken, arrival, tokens);
            lastToken = arrival;
        }
        position += piece.length();
    }

    private void end() {
        if (problem != null) {
            finish(problem);
        } else if (position < answer.length()) {
            finish("an answer with less text than the script's");
        } else if (!done) {
            finish("an answer without [DONE]");
        } else {
            tally.answered(from, System.nanoTime());
            over.tryComplete();
        }
    }

    /// Counts first: who waits for the answer may look at the tally as soon as it is over.
    private void finish(String why) {
        if (!over.future().isComplete()) {
            tally.lost(Tokens.in(answer, 0) - Tokens.in(answer.substring(0, position), 0));
            over.fail(why);
        }
    }

    private static String shortened(String reason) {
        return reason.length() > LONGEST_REASON
                ? reason.substring(0, LONGEST_REASON) + "…"
                : reason;
    }
}
