package dev.sluice.common.cloudevent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.run.Json;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.data.BytesCloudEventData;
import io.cloudevents.core.format.EventDeserializationException;
import io.cloudevents.rw.CloudEventRWException;
import java.net.URI;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonEventFormatTest {
    private static final JsonEventFormat FORMAT = new JsonEventFormat();
    private static final String MINIMAL =
            """
            {"specversion":"1.0","id":"1","source":"/s","type":"t"%s}\
            """;

    private static CloudEvent read(String json) {
        return FORMAT.deserialize(json.getBytes(UTF_8));
    }

    @Test
    void anEventIsWrittenAsTheSpecificationSays() {
        // Given
        CloudEvent event =
                CloudEventBuilder.v1()
                        .withId("a/1")
                        .withSource(URI.create("/sluice/x/worker"))
                        .withType("dev.sluice.run.started")
                        .withSubject("run_1")
                        .withTime(OffsetDateTime.parse("2026-11-21T12:00:00.120Z"))
                        .withExtension("attempt", 2)
                        .withExtension("flag", true)
                        .withExtension("sluicekey", "dev")
                        .withData(
                                "application/json",
                                new JsonData(Json.MAPPER.readTree("{\"worker\":\"w\"}")))
                        .build();

        // When
        byte[] written = FORMAT.serialize(event);

        // Then
        assertThat(Json.MAPPER.readTree(written))
                .isEqualTo(
                        Json.MAPPER.readTree(
                                """
                                {"specversion":"1.0","id":"a/1","source":"/sluice/x/worker",
                                 "type":"dev.sluice.run.started","subject":"run_1",
                                 "time":"2026-11-21T12:00:00.12Z","attempt":2,"flag":true,
                                 "sluicekey":"dev","datacontenttype":"application/json",
                                 "data":{"worker":"w"}}\
                                """));
        assertThat(FORMAT.deserialize(written)).isEqualTo(event);
    }

    @Test
    void jsonBytesAreWrittenAsJsonAndOtherBytesAsBase64() {
        CloudEventBuilder event =
                CloudEventBuilder.v1().withId("1").withSource(URI.create("/s")).withType("t");

        CloudEvent json =
                event.withData("application/vnd.x+json; charset=utf-8", "[1]".getBytes(UTF_8))
                        .build();
        CloudEvent text = event.withData("text/plain", "hey".getBytes(UTF_8)).build();

        assertThat(Json.MAPPER.readTree(FORMAT.serialize(json)).path("data").toString())
                .isEqualTo("[1]");
        assertThat(Json.MAPPER.readTree(FORMAT.serialize(text)).path("data_base64").asString())
                .isEqualTo("aGV5");
    }

    @Test
    void dataOfAnyJsonKindAndBase64AreRead() {
        assertThat(read(MINIMAL.formatted(",\"data\":[1,\"two\"]")).getData())
                .isEqualTo(new JsonData(Json.MAPPER.readTree("[1,\"two\"]")));
        assertThat(read(MINIMAL.formatted(",\"data_base64\":\"aGV5\"")).getData())
                .isEqualTo(BytesCloudEventData.wrap("hey".getBytes(UTF_8)));
        assertThat(read(MINIMAL.formatted("")).getData()).isNull();
        assertThat(read(MINIMAL.formatted(",\"subject\":null")).getSubject()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{",
                "nothing",
                "{}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\"}",
                "{\"specversion\":\"2.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}",
                "{\"specversion\":1.0,\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"x\":{}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"x\":1.5}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"time\":\"now\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":1,"
                        + "\"data_base64\":\"\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\","
                        + "\"data_base64\":\"%\"}"
            })
    void whatIsNoCloudEventIsRefused(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfAny(EventDeserializationException.class, CloudEventRWException.class);
    }
}
