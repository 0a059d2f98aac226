package dev.sluice.common.cloudevent;

import dev.sluice.common.run.Json;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.data.BytesCloudEventData;
import io.cloudevents.core.format.EventDeserializationException;
import io.cloudevents.core.format.EventFormat;
import io.cloudevents.core.format.EventSerializationException;
import io.cloudevents.rw.CloudEventDataMapper;
import io.cloudevents.rw.CloudEventRWException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON event format of CloudEvents 1.0, on the Jackson that the rest of Sluice uses; the SDK's
/// own needs another one. Stateless and safe for any thread.
///
/// See the
/// [specification](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
public final class JsonEventFormat implements EventFormat {
    /// The content type of an event in this format.
    public static final String CONTENT_TYPE = "application/cloudevents+json";

    private static final String SPEC_VERSION = "specversion";

    /// Those of version 1.0 in the order in which people want to read them.
    private static final List<String> ATTRIBUTES =
            List.of("id", "source", "type", "subject", "time", "datacontenttype", "dataschema");

    private static final String DATA = "data";
    private static final String DATA_BASE64 = "data_base64";

    @Override
    public String serializedContentType() {
        return CONTENT_TYPE;
    }

    @Override
    public Set<String> deserializableContentTypes() {
        return Set.of(CONTENT_TYPE);
    }

    @Override
    public byte[] serialize(CloudEvent event) {
        try {
            return Json.MAPPER.writeValueAsBytes(json(event));
        } catch (JacksonException e) {
            throw new EventSerializationException(e);
        }
    }

    private static ObjectNode json(CloudEvent event) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put(SPEC_VERSION, event.getSpecVersion().toString());
        Collection<String> names =
                event.getSpecVersion() == SpecVersion.V1 ? ATTRIBUTES : event.getAttributeNames();
        names.forEach(name -> put(json, name, event.getAttribute(name)));
        event.getExtensionNames().stream()
                .sorted()
                .forEach(name -> put(json, name, event.getExtension(name)));
        CloudEventData data = event.getData();
        switch (data) {
            case null -> {}
            case JsonData(JsonNode node) -> json.set(DATA, node);
            case CloudEventData bytes when isJson(event.getDataContentType()) ->
                    json.set(DATA, Json.MAPPER.readTree(bytes.toBytes()));
            case CloudEventData bytes ->
                    json.put(DATA_BASE64, Base64.getEncoder().encodeToString(bytes.toBytes()));
        }
        return json;
    }

    private static void put(ObjectNode json, String name, @Nullable Object value) {
        switch (value) {
            case null -> {}
            case Integer number -> json.put(name, number);
            case Boolean flag -> json.put(name, flag);
            case OffsetDateTime time ->
                    json.put(name, DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time));
            case byte[] bytes -> json.put(name, Base64.getEncoder().encodeToString(bytes));
            default -> json.put(name, value.toString());
        }
    }

    /// JSON, or some `+json`; events without a content type are JSON in this format.
    private static boolean isJson(@Nullable String contentType) {
        if (contentType == null) {
            return true;
        }
        String media = contentType.split(";", 2)[0].strip();
        return media.endsWith("/json") || media.endsWith("+json");
    }

    @Override
    public CloudEvent deserialize(
            byte[] bytes, CloudEventDataMapper<? extends CloudEventData> mapper) {
        try {
            if (!(Json.FOREIGN.readTree(bytes) instanceof ObjectNode json)) {
                throw refused("a CloudEvent is a JSON object");
            }
            return event(json, mapper);
        } catch (JacksonException
                | CloudEventRWException
                | IllegalStateException
                | IllegalArgumentException e) {
            throw new EventDeserializationException(e);
        }
    }

    private static CloudEvent event(
            ObjectNode json, CloudEventDataMapper<? extends CloudEventData> mapper) {
        CloudEventBuilder builder =
                CloudEventBuilder.fromSpecVersion(SpecVersion.parse(text(json, SPEC_VERSION)));
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            switch (name) {
                case SPEC_VERSION, DATA, DATA_BASE64 -> {}
                default -> attribute(builder, name, value);
            }
        }
        CloudEventData data = data(json);
        if (data != null) {
            builder.withData(mapper.map(data));
        }
        return builder.build();
    }

    private static void attribute(CloudEventBuilder builder, String name, JsonNode value) {
        if (value.isNull()) {
            return; // The same as an absent one.
        }
        if (value.isBoolean()) {
            builder.withContextAttribute(name, value.booleanValue());
        } else if (value.isInt()) {
            builder.withContextAttribute(name, value.intValue());
        } else if (value.isString()) {
            builder.withContextAttribute(name, value.stringValue());
        } else {
            throw refused(name + " is neither a string, a whole number nor true or false");
        }
    }

    private static @Nullable CloudEventData data(ObjectNode json) {
        JsonNode base64 = json.get(DATA_BASE64);
        JsonNode data = json.get(DATA);
        if (base64 != null && data != null) {
            throw refused("a CloudEvent has either data or data_base64");
        }
        if (base64 != null) {
            return BytesCloudEventData.wrap(Base64.getDecoder().decode(text(json, DATA_BASE64)));
        }
        return data == null ? null : new JsonData(data);
    }

    private static String text(ObjectNode json, String name) {
        JsonNode value = json.get(name);
        if (value == null || !value.isString()) {
            throw refused(name + " must be a string");
        }
        return value.stringValue();
    }

    private static EventDeserializationException refused(String problem) {
        return new EventDeserializationException(new IllegalArgumentException(problem));
    }
}
