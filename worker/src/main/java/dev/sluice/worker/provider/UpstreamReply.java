package dev.sluice.worker.provider;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.Outcome.Broken;
import dev.sluice.worker.provider.openai.ChunkReader;
import io.vertx.core.http.HttpClientResponse;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads an upstream's answer, whichever of its forms it has. Belongs to one event loop.
final class UpstreamReply {
    /// Less than a record of the log may have at the least, so that any piece of a turn fits one.
    private static final int FRAME_LIMIT = 8 * 1024 * 1024;

    private static final int ERROR_LIMIT = 64 * 1024;
    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

    private enum Form {
        EVENTS,
        JSON,
        ERROR,
        NEITHER
    }

    private final ChunkReader chunks;
    private final ErrorReplies errors;
    private final Runnable onPart;
    private final SseParser parser = new SseParser(FRAME_LIMIT, this::event);
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private Form form = Form.NEITHER;
    private int status;
    private @Nullable Duration retryAfter;
    private @Nullable Outcome result;

    /// @param onPart is run at each part of the answer; what only keeps the connection alive, be it
    ///   a comment, a blank or a chunk that says nothing, is none
    UpstreamReply(ChunkReader chunks, ErrorReplies errors, Runnable onPart) {
        this.chunks = chunks;
        this.errors = errors;
        this.onPart = onPart;
    }

    /// Takes the head.
    void begin(HttpClientResponse head) {
        status = head.statusCode();
        retryAfter =
                RetryAfter.of(
                        head.getHeader("retry-after-ms"),
                        head.getHeader("retry-after"),
                        Instant.now());
        form = status / 100 == 2 ? form(head.getHeader("content-type")) : Form.ERROR;
    }

    /// Takes the next bytes of the body; not null once the answer is complete or cannot become so.
    @Nullable Outcome take(byte[] bytes) {
        switch (form) {
            case EVENTS -> {
                if (!parser.feed(bytes) && result == null) {
                    result = unreadable();
                }
            }
            case JSON -> {
                body.writeBytes(bytes);
                tellUnlessBlank(bytes);
                if (body.size() > FRAME_LIMIT) {
                    result = unreadable();
                }
            }
            case ERROR -> {
                body.writeBytes(bytes);
                tellUnlessBlank(bytes);
                if (body.size() > ERROR_LIMIT) {
                    result = errors.of(status, retryAfter, new byte[0]);
                }
            }
            case NEITHER -> result = unreadable();
        }
        return result;
    }

    /// Takes the regular end of the body.
    Outcome end() {
        if (result != null) {
            return result;
        }
        return switch (form) {
            case EVENTS -> chunks.finished() ? complete() : cut();
            case ERROR -> errors.of(status, retryAfter, body.toByteArray());
            case NEITHER -> unreadable();
            case JSON -> {
                read(body.toByteArray(), 0, body.size());
                yield result != null ? result : chunks.begun() ? complete() : unreadable();
            }
        };
    }

    /// What it is when the body broke off here. An error's status was already told.
    Outcome cut() {
        return form == Form.ERROR
                ? errors.of(status, retryAfter, new byte[0])
                : new Broken(
                        new Failure.UpstreamCut(errors.provider()), usage(), 0, untouched(), null);
    }

    /// What the provider counted until now.
    Usage usage() {
        return chunks.usage();
    }

    private void event(byte[] bytes, int offset, int length) {
        if (result != null) {
            return;
        }
        int end = offset + length;
        while (end > offset && bytes[end - 1] == ' ') {
            end--;
        }
        if (Arrays.equals(bytes, offset, end, DONE, 0, DONE.length)) {
            result = chunks.begun() ? complete() : cut();
        } else if (end > offset) {
            read(bytes, offset, length);
        }
    }

    private void read(byte[] bytes, int offset, int length) {
        switch (chunks.read(bytes, offset, length)) {
            case ChunkReader.Step.Part _ -> onPart.run();
            case ChunkReader.Step.Blank _ -> {}
            case ChunkReader.Step.Fault(var error) ->
                    result = errors.within(error, usage(), untouched());
            case ChunkReader.Step.Unreadable _ -> result = unreadable();
        }
    }

    private void tellUnlessBlank(byte[] bytes) {
        for (byte b : bytes) {
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                onPart.run();
                return;
            }
        }
    }

    /// Whether nothing of an answer has come, so that another attempt repeats nothing.
    private boolean untouched() {
        return form == Form.EVENTS && chunks.untouched();
    }

    private Outcome complete() {
        return new Outcome.Complete(chunks.turn());
    }

    private Outcome unreadable() {
        return Broken.forGood(new Failure.UpstreamUnreadable(errors.provider()), usage());
    }

    private static Form form(@Nullable String contentType) {
        if (contentType == null) {
            return Form.EVENTS;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "text/event-stream", "" -> Form.EVENTS;
            case "application/json" -> Form.JSON;
            default -> Form.NEITHER;
        };
    }
}
