package dev.sluice.gateway.dialect.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Ask.Delivery;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TermsTest {
    private static final Dialect.Format EVENTS = new ChatFormat(false);

    private static Dialect.Parsed run(String fields) {
        return new ChatDialect()
                .parseRun(
                        Buffer.buffer(
                                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]%s}"
                                        .formatted(fields.isEmpty() ? "" : "," + fields)),
                        EVENTS);
    }

    private static Ask accepted(String fields) {
        return switch (run(fields)) {
            case Dialect.Parsed.Accepted(Ask ask) -> ask;
            case Dialect.Parsed.Refused(var failure) -> throw new AssertionError(failure);
        };
    }

    private static Failure.InvalidRequest refused(String fields) {
        return switch (run(fields)) {
            case Dialect.Parsed.Accepted(Ask ask) -> throw new AssertionError(ask);
            case Dialect.Parsed.Refused(var failure) -> (Failure.InvalidRequest) failure;
        };
    }

    private static String pairs(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"k%d\":\"v\"".formatted(i))
                .collect(Collectors.joining(",", "\"metadata\":{", "}"));
    }

    @Test
    void whatARequestSaysOfTheRunIsNotTheProvidersBusiness() {
        Ask ask =
                accepted(
                        "\"metadata\":{\"b\":\"2\",\"a\":\"1\"},\"background\":true,"
                                + "\"on_disconnect\":\"continue\",\"priority\":\"batch\",\"seed\":1");

        assertThat(ask.terms().metadata()).containsExactly(entry("b", "2"), entry("a", "1"));
        assertThat(ask.terms().background()).isTrue();
        assertThat(ask.terms().lane()).isEqualTo(Lane.BATCH);
        assertThat(ask.terms().onDisconnect()).isEqualTo(OnDisconnect.CONTINUE);
        assertThat(ask.parameters()).containsOnlyKeys("seed");
    }

    @Test
    void aRunIsHandedOutUnlessItIsToBeStreamed() {
        assertThat(accepted("").delivery()).isEqualTo(new Delivery.Receipt());
        assertThat(accepted("\"stream\":false").delivery()).isEqualTo(new Delivery.Receipt());
        assertThat(accepted("\"stream\":true").delivery()).isEqualTo(new Delivery.Streamed(EVENTS));
        assertThat(accepted("").terms().onDisconnect()).isNull();
    }

    @Test
    void aChatCompletionsMetadataIsTheProvidersAsWell() {
        Ask ask =
                Runs.accepted(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
                                + "\"metadata\":{\"a\":\"1\"},\"on_disconnect\":\"cancel\",\"background\":1,"
                                + "\"priority\":7}");

        assertThat(ask.terms().metadata()).containsExactly(entry("a", "1"));
        assertThat(ask.terms().onDisconnect()).isEqualTo(OnDisconnect.CANCEL);
        assertThat(ask.terms().background()).isFalse();
        assertThat(ask.terms().lane()).isEqualTo(Lane.INTERACTIVE);
        assertThat(ask.parameters()).containsOnlyKeys("metadata", "background", "priority");
    }

    @Test
    void metadataOfJustTheLargestSizeIsTaken() {
        assertThat(accepted(pairs(16)).terms().metadata()).hasSize(16);
        String key = "k".repeat(64);
        String value = "v".repeat(512);
        assertThat(
                        accepted("\"metadata\":{\"%s\":\"%s\"}".formatted(key, value))
                                .terms()
                                .metadata())
                .containsExactly(entry(key, value));
    }

    @Test
    void metadataThatIsTooMuchIsRefused() {
        assertThat(refused(pairs(17)).code()).isEqualTo("object_above_max_properties");
        assertThat(refused("\"metadata\":{\"%s\":\"v\"}".formatted("k".repeat(65))).param())
                .isEqualTo("metadata");
        Failure.InvalidRequest value =
                refused("\"metadata\":{\"k\":\"%s\"}".formatted("v".repeat(513)));
        assertThat(value.param()).isEqualTo("metadata.k");
        assertThat(value.code()).isEqualTo("string_above_max_length");
        assertThat(value.problem())
                .isEqualTo(
                        "Invalid 'metadata.k': string too long. Expected a string with maximum length"
                                + " 512, but got a string with length 513 instead.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"background\":\"yes\"|background",
                "\"on_disconnect\":true|on_disconnect",
                "\"priority\":\"high\"|priority",
                "\"priority\":\"BATCH\"|priority",
                "\"priority\":\"\"|priority",
                "\"priority\":1|priority",
                "\"on_disconnect\":\"\"|on_disconnect",
                "\"metadata\":[]|metadata",
                "\"metadata\":{\"a\":null}|metadata.a",
                "\"stream\":1|stream"
            })
    void whatIsNotAsItMustBeIsRefusedNamingTheField(String fields, String param) {
        assertThat(refused(fields).param()).isEqualTo(param);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"background\":null",
                "\"on_disconnect\":null",
                "\"metadata\":null",
                "\"priority\":null",
                "\"priority\":\"interactive\""
            })
    void nullAndTheDefaultAreAsGoodAsAbsent(String fields) {
        assertThat(accepted(fields)).isEqualTo(accepted(""));
    }
}
