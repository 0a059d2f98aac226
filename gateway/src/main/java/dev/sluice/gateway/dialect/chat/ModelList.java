package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Json;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Collection;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The agents as OpenAI's clients see them: its models.
public final class ModelList {
    private ModelList() {}

    /// The body of `GET /v1/models`, in the order given.
    ///
    /// @param created since when the agents are there, to the second
    public static Buffer all(Collection<String> agents, Instant created) {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        agents.forEach(agent -> data.add(model(agent, created)));
        return Buffer.buffer(Json.MAPPER.writeValueAsBytes(list));
    }

    /// The body of `GET /v1/models/{id}`.
    public static Buffer one(String agent, Instant created) {
        return Buffer.buffer(Json.MAPPER.writeValueAsBytes(model(agent, created)));
    }

    private static ObjectNode model(String agent, Instant created) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", agent)
                .put("object", "model")
                .put("created", created.getEpochSecond())
                .put("owned_by", "sluice");
    }
}
