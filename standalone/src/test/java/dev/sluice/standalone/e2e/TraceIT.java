package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import org.junit.jupiter.api.Test;

@WithSluice
class TraceIT {

    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String SCRIPT =
            """
            rules:
              - when: { tool_result: any }
                reply: { text: done }
            fallback: { tool_calls: [ { name: demo__calculate, arguments: { expression: 1+1 } } ] }
            """;

    private final Sluice sluice;

    TraceIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void theClientsTraceReachesTheModelAndTheTools() {
        sluice.script(SCRIPT);
        sluice.gateway()
                .send(
                        sluice.gateway()
                                .chat(Gateway.body("clock", "hi"))
                                .header("traceparent", PARENT)
                                .header("tracestate", "vendor=1"));
        assertThat(sluice.asked(2))
                .allSatisfy(request -> {
                    assertThat(request.header("traceparent")).isEqualTo(PARENT);
                    assertThat(request.header("tracestate")).isEqualTo("vendor=1");
                });
        assertThat(sluice.toolCalls())
                .singleElement()
                .satisfies(call -> {
                    assertThat(call.meta())
                            .containsEntry("traceparent", PARENT)
                            .containsEntry("tracestate", "vendor=1");
                    assertThat(call.headers())
                            .containsEntry("traceparent", PARENT)
                            .containsEntry("tracestate", "vendor=1");
                });
    }

    @Test
    void aTraceThatIsMalformedGoesNowhere() {
        sluice.script(SCRIPT);
        sluice.gateway()
                .send(
                        sluice.gateway()
                                .chat(Gateway.body("clock", "hi"))
                                .header("traceparent", "00-nonsense-01"));
        assertThat(sluice.asked(2))
                .allSatisfy(request -> assertThat(request.header("traceparent")).isNull());
        assertThat(sluice.toolCalls())
                .singleElement()
                .satisfies(call -> {
                    assertThat(call.meta()).doesNotContainKey("traceparent");
                    assertThat(call.headers())
                            .containsKey("mcp-session-id")
                            .doesNotContainKey("traceparent");
                });
    }
}
