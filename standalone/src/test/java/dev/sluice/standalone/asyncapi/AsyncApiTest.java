package dev.sluice.standalone.asyncapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.audit.AuditType;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class AsyncApiTest {
    private static final Topics TOPICS = new Topics("sluice");
    private static final Path PAGE = Path.of("..", "docs", "events.md");
    private static final String REGENERATE =
            "asyncapi.yaml has changed: mvn -q -Dquick -pl standalone -am test"
                    + " -Dsluice.write-docs=true -Dtest=AsyncApiTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false";

    private final AsyncApi api;

    AsyncApiTest() throws IOException {
        api = AsyncApi.load();
    }

    @Test
    void thePageIsUpToDate() throws IOException {
        String page = EventsPage.of(api);
        if (Boolean.getBoolean("sluice.write-docs")) {
            Files.writeString(PAGE, page);
        }

        assertThat(Files.readString(PAGE)).as(REGENERATE).isEqualTo(page);
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        assertThat(api.nodes())
                .filteredOn(node -> node.has("$ref"))
                .isNotEmpty()
                .allSatisfy(
                        node -> assertThatCode(() -> api.resolve(node)).doesNotThrowAnyException());
    }

    /// As a description is that has a comma in it and no quotes around it.
    @Test
    void nothingIsCutShort() {
        assertThat(api.nodes()).noneMatch(JsonNode::isNull);
    }

    @Test
    void everyMessageIsOnATopic() {
        assertThat(api.topics("sluice").stream().flatMap(topic -> api.messages(topic).stream()))
                .containsAll(api.document().at("/components/messages").propertyNames());
    }

    @Test
    void everyKindOfAuditEventAndOfReplyIsDescribed() {
        assertThat(api.messages(TOPICS.audit()))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(AuditType.values()).map(AuditType::shortName).toList());
        assertThat(api.messages(TOPICS.replies()))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(RunEvent.class.getPermittedSubclasses())
                                .filter(type -> type != RunEvent.Unknown.class)
                                .map(type ->
                                        type.getSimpleName()
                                                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                                                .toLowerCase(Locale.ROOT))
                                .toList());
    }

    @Test
    void whatIsNotAsDescribedIsTold() {
        ObjectNode event =
                (ObjectNode)
                        Json.MAPPER.readTree(
                                new AuditCodec(TOPICS)
                                        .encode(
                                                new AuditRecord(
                                                        "run_1/started/1",
                                                        Instant.EPOCH,
                                                        new Subject(
                                                                new RunId("run_1"),
                                                                null,
                                                                "a",
                                                                null),
                                                        1,
                                                        new AuditEvent.RunStarted("w")))
                                        .value());
        assertThat(api.problems("run.started", event)).isEmpty();

        assertThat(api.problems("run.resumed", event)).isNotEmpty();
        assertThat(api.problems("run.started", event.deepCopy().put("more", 1))).isNotEmpty();
        assertThat(api.problems("run.started", event.deepCopy().without("time"))).isNotEmpty();
        assertThat(api.problems("run.started", event.deepCopy().put("time", "noon"))).isNotEmpty();
        ObjectNode data = event.deepCopy();
        data.withObject("data").put("more", 1);
        assertThat(api.problems("run.started", data)).isNotEmpty();
    }
}
