package dev.sluice.standalone.e2e;

import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads a stream of server-sent events as it came over the wire.
final class Frames {

    private static final JsonMapper JSON = JsonMapper.shared();

    private Frames() {}

    /// The JSON of each event, without the end mark.
    static List<JsonNode> of(String stream) {
        return stream.lines()
                .filter(line -> line.startsWith("data: {"))
                .map(line -> JSON.readTree(line.substring(6)))
                .toList();
    }

    /// The text that the events make together.
    static String text(String stream) {
        return of(stream).stream()
                .map(frame -> frame.at("/choices/0/delta/content").asString(""))
                .collect(Collectors.joining());
    }

    /// The text of an answer that did not stream.
    static String content(String body) {
        return JSON.readTree(body).at("/choices/0/message/content").asString("");
    }

    /// A body's error.
    static JsonNode error(String body) {
        return JSON.readTree(body).path("error");
    }
}
