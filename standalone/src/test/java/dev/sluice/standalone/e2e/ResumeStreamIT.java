package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.standalone.e2e.fixture.EventStream;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Runs;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A chat stream that broke is taken up where it stood, at any gateway.
@WithSluice
class ResumeStreamIT {

    private static final String TOOL_LOOP =
            """
            pace: { tokens_per_second: 60 }
            rules:
              - when: { tool_result: any }
                reply: { text: 'It is {{tool_result}} and nothing else', repeat: 3 }
            fallback: { text: Let me see., tool_calls: [ { name: demo__calculate, arguments: { expression: 6*7 } } ] }
            """;

    private final Sluice sluice;

    ResumeStreamIT(Sluice sluice) {
        this.sluice = sluice;
    }

    private static EventStream resume(Gateway gateway, String run, String after, String... more) {
        return EventStream.open(
                gateway,
                Runs.of(gateway)
                        .at(
                                "/%s/stream?format=chat&starting_after=%s%s"
                                        .formatted(run, after, String.join("", more))));
    }

    private static String text(List<EventStream.Event> events) {
        return events.stream().map(EventStream.Event::text).collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theStreamsThatAreTakenUpMakeTheOneThatNeverBroke(boolean usage) {
        sluice.script(TOOL_LOOP);
        String options = usage ? ",\"stream_options\":{\"include_usage\":true}" : "";
        String query = usage ? "&include_usage=true" : "";
        try (Gateway second = sluice.gateway(sluice.settings());
                EventStream begun =
                        EventStream.open(
                                sluice.gateway(),
                                sluice.gateway()
                                        .chat(
                                                Gateway.body(
                                                        "clock",
                                                        "6*7?",
                                                        "\"on_disconnect\":\"continue\"",
                                                        "\"stream\":true" + options)))) {
            String run = begun.header("x-sluice-run-id");
            List<EventStream.Event> broken =
                    new ArrayList<>(begun.until(event -> event.id() != null));
            begun.hangUp();
            boolean there = true;
            while (!broken.getLast().data().equals("[DONE]")) {
                String last = Objects.requireNonNull(lastId(broken));
                // What was sent of an event without its id is sent again.
                while (!last.equals(broken.getLast().id())) {
                    broken.removeLast();
                }
                try (EventStream piece =
                        resume(there ? second : sluice.gateway(), run, last, query)) {
                    broken.addAll(piece.take(5));
                }
                there = !there;
            }
            try (EventStream whole = resume(second, run, "0", query)) {
                assertThat(broken).isEqualTo(whole.rest());
            }
            assertThat(text(broken))
                    .isEqualTo(
                            "Let me see.\n\n"
                                    + String.join(
                                            " ",
                                            java.util.Collections.nCopies(
                                                    3, "It is 42 and nothing else")));
        }
        sluice.asked(2);
    }

    private static @org.jspecify.annotations.Nullable String lastId(
            List<EventStream.Event> events) {
        return events.reversed().stream()
                .map(EventStream.Event::id)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Test
    void aStreamIsTheSameFromTheLogAsItWasLive() {
        sluice.script(TOOL_LOOP);
        try (EventStream live =
                EventStream.open(
                        sluice.gateway(),
                        sluice.gateway().chat(Gateway.body("clock", "6*7?", "\"stream\":true")))) {
            List<EventStream.Event> told = live.rest();
            try (EventStream again =
                    resume(sluice.gateway(), live.header("x-sluice-run-id"), "0")) {
                assertThat(again.rest()).isEqualTo(told);
            }
            String last = Objects.requireNonNull(lastId(told));
            try (EventStream over =
                    resume(sluice.gateway(), live.header("x-sluice-run-id"), last)) {
                assertThat(over.rest())
                        .extracting(EventStream.Event::data)
                        .containsExactly("[DONE]");
            }
        }
    }

    @Test
    void aRunThatNobodyExecutesIsWaitedForAndNamedInTheEnd() {
        Settings settings =
                sluice.settings()
                        .with(
                                "kafka",
                                "{ bootstrap_servers: '%s', topic_prefix: nobody }"
                                        .formatted(sluice.bootstrapServers()))
                        .with("gateway", "{ port: 0, heartbeat: 100ms, drain_timeout: 1s }");
        try (Gateway gateway = sluice.gateway(settings)) {
            Runs runs = Runs.of(gateway);
            String run =
                    gateway.send(runs.post("plain", "hello").header("x-sluice-timeout", "500ms"))
                            .headers()
                            .firstValue("x-sluice-run-id")
                            .orElseThrow();
            try (EventStream events = runs.events(run, "0");
                    EventStream chat = resume(gateway, run, "0")) {
                assertThat(events.status()).isEqualTo(200);
                for (EventStream waiting : List.of(events, chat)) {
                    List<EventStream.Event> told = waiting.rest();
                    assertThat(told).hasSize(1);
                    assertThat(told.getFirst().json().at("/error/code").asString())
                            .isEqualTo("deadline_exceeded");
                    assertThat(told.getFirst().json().at("/error/message").asString())
                            .contains(run, "queued");
                }
            }
        }
    }
}
