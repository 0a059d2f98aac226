package dev.sluice.common.cloudevent;

import dev.sluice.common.run.Json;
import io.cloudevents.CloudEventData;
import tools.jackson.databind.JsonNode;

/// The data of a CloudEvent that is JSON.
public record JsonData(JsonNode json) implements CloudEventData {
    @Override
    public byte[] toBytes() {
        return Json.MAPPER.writeValueAsBytes(json);
    }
}
