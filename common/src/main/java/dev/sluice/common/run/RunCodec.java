package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;

/// Turns requests, replies and control messages into the bytes of Kafka values, and back. Stateless
/// and safe for any thread.
///
/// Each value is a JSON object that begins with its version `v`. A reader ignores fields that it
/// does not know, and refuses a request of a later version than its own.
public final class RunCodec {
    /// The version that this process writes, and the latest it can run.
    public static final int VERSION = 1;

    private static final Map<String, Class<?>> EVENTS =
            Arrays.stream(RunEvent.class.getPermittedSubclasses())
                    .filter(type -> type != RunEvent.Unknown.class)
                    .collect(Collectors.toMap(RunCodec::typeName, Function.identity()));
    private static final ClassValue<String> TYPE_NAMES =
            new ClassValue<>() {
                @Override
                protected String computeValue(Class<?> type) {
                    return typeName(type);
                }
            };
    private static final Map<String, ObjectReader> EVENT_READERS =
            EVENTS.entrySet().stream()
                    .collect(
                            Collectors.toMap(
                                    Map.Entry::getKey,
                                    entry -> Json.MAPPER.readerFor(entry.getValue())));
    private static final ObjectWriter REPLY_WRITER = Json.MAPPER.writerFor(ReplyWire.class);
    private static final ObjectReader REQUEST_READER = Json.MAPPER.readerFor(RequestWire.class);
    private static final ObjectReader VERSION_READER = Json.MAPPER.readerFor(Versioned.class);

    private RunCodec() {}

    /// Encodes a request.
    public static byte[] encode(RunRequest request) {
        return Json.MAPPER.writeValueAsBytes(new RequestWire(VERSION, request));
    }

    /// Decodes a request.
    ///
    /// @throws UndecodableException if it is not one, or is of a later version
    public static RunRequest decodeRequest(byte @Nullable [] value) {
        try {
            Versioned versioned = VERSION_READER.readValue(present(value));
            if (versioned == null || versioned.v() < 1) {
                throw new UndecodableException("a request without a version");
            }
            if (versioned.v() > VERSION) {
                throw new UndecodableException("a request of version " + versioned.v(), true);
            }
            return REQUEST_READER.<RequestWire>readValue(value).request();
        } catch (JacksonException e) {
            throw new UndecodableException("not a request", e);
        }
    }

    /// Encodes a reply.
    public static byte[] encode(Reply reply) {
        return REPLY_WRITER.writeValueAsBytes(
                new ReplyWire(
                        VERSION,
                        reply.run(),
                        reply.attempt(),
                        reply.claim(),
                        reply.seq(),
                        reply.at().toEpochMilli(),
                        TYPE_NAMES.get(reply.event().getClass()),
                        reply.event()));
    }

    /// Decodes a reply. An event of a type that this process does not know is [RunEvent.Unknown].
    ///
    /// @throws UndecodableException if it is no reply
    public static Reply decodeReply(byte @Nullable [] value) {
        try (JsonParser parser = Json.MAPPER.createParser(present(value))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new UndecodableException("not a reply");
            }
            return readReply(parser);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new UndecodableException("not a reply", e);
        }
    }

    /// Reads the envelope's fields up to `type`, which stands before the event's own, and lets the
    /// event's reader take the rest without a tree in between.
    private static Reply readReply(JsonParser parser) {
        String run = "";
        int attempt = 0;
        String claim = "";
        long seq = 0;
        long at = 0;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "run" -> run = parser.getString();
                case "attempt" -> attempt = parser.getIntValue();
                case "claim" -> claim = parser.getString();
                case "seq" -> seq = parser.getLongValue();
                case "at" -> at = parser.getLongValue();
                case "type" -> {
                    String type = parser.getString();
                    ObjectReader reader = EVENT_READERS.get(type);
                    parser.nextToken();
                    RunEvent event =
                            reader == null
                                    ? new RunEvent.Unknown(type)
                                    : parser.currentToken() == JsonToken.END_OBJECT
                                            ? reader.readValue("{}")
                                            : reader.readValue(parser);
                    return new Reply(
                            new RunId(run), attempt, claim, seq, Instant.ofEpochMilli(at), event);
                }
                default -> parser.skipChildren();
            }
        }
        throw new UndecodableException("a reply without a type");
    }

    /// Encodes a control message.
    public static byte[] encode(Control control) {
        return Json.MAPPER.writeValueAsBytes(
                new ControlWire(
                        VERSION,
                        TYPE_NAMES.get(control.getClass()),
                        control.run(),
                        control instanceof Control.Superseded(_, int attempt) ? attempt : null));
    }

    /// Decodes a control message.
    ///
    /// @throws UndecodableException if it is not one that this process knows
    public static Control decodeControl(byte @Nullable [] value) {
        try {
            ControlWire wire = Json.MAPPER.readValue(present(value), ControlWire.class);
            if (wire == null || wire.type() == null || wire.run() == null) {
                throw new UndecodableException("a control message without a type or a run");
            }
            if (wire.type().equals(TYPE_NAMES.get(Control.Cancel.class))) {
                return new Control.Cancel(wire.run());
            }
            if (wire.type().equals(TYPE_NAMES.get(Control.Superseded.class))
                    && wire.attempt() != null) {
                return new Control.Superseded(wire.run(), wire.attempt());
            }
            throw new UndecodableException("a control message of type " + wire.type());
        } catch (JacksonException e) {
            throw new UndecodableException("not a control message", e);
        }
    }

    /// Kafka takes records without a value, whoever writes them.
    private static byte[] present(byte @Nullable [] value) {
        if (value == null) {
            throw new UndecodableException("a record without a value");
        }
        return value;
    }

    private static String typeName(Class<?> type) {
        return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    private record Versioned(int v) {}

    private record RequestWire(int v, @JsonUnwrapped RunRequest request) {}

    private record ControlWire(
            int v, @Nullable String type, @Nullable RunId run, @Nullable Integer attempt) {}

    private record ReplyWire(
            int v,
            RunId run,
            int attempt,
            String claim,
            long seq,
            long at,
            String type,
            @JsonUnwrapped RunEvent event) {}

    /// Thrown where a Kafka value is not what its topic says.
    public static final class UndecodableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean laterVersion;

        UndecodableException(String what) {
            this(what, false);
        }

        UndecodableException(String what, boolean laterVersion) {
            super(what);
            this.laterVersion = laterVersion;
        }

        UndecodableException(String what, Exception cause) {
            super(what, cause);
            this.laterVersion = false;
        }

        /// Whether it is of a later version than this process knows, and others may know it.
        public boolean laterVersion() {
            return laterVersion;
        }
    }
}
