package dev.sluice.gateway.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent.HttpFacts;
import dev.sluice.common.audit.AuditEvent.RequestDenied;
import dev.sluice.common.audit.AuditEvent.RequestLimited;
import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Failure;
import dev.sluice.gateway.http.access.Denials.Denial;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class DenialsTest {
    private static final HttpFacts FACTS = new HttpFacts("req_1", "GET", "/v1/models", null);
    private static final Denials.Request REQUEST = new Denials.Request(1, FACTS);

    private final MockProducer<String, byte[]> producer =
            new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
    private Instant now = Instant.ofEpochSecond(1_000);
    private final InstantSource source = () -> now;
    private final Clock clock = source.withZone(ZoneOffset.UTC);
    private final Denials denials = process("gateway-1");

    private Denials process(String name) {
        return new Denials(
                new AuditLog(producer, new Topics("sluice"), 10_000, false), name, clock);
    }

    private List<AuditRecord> told() {
        return producer.history().stream()
                .map(record -> AuditCodec.decode(record.value()).orElseThrow())
                .toList();
    }

    @Test
    void aDenialSaysWhyAndWhose() {
        denials.denied(Denial.unauthenticated(false, null), REQUEST);
        denials.denied(Denial.unauthenticated(true, null), REQUEST);
        denials.denied(Denial.unauthenticated(true, "old"), REQUEST);
        denials.denied(Denial.agent("dev", "researcher"), REQUEST);
        denials.denied(Denial.run("dev"), REQUEST);

        assertThat(told())
                .extracting(event -> ((RequestDenied) event.event()).reason())
                .containsExactly(
                        "no_key",
                        "invalid_key",
                        "expired_key",
                        "agent_not_admitted",
                        "not_the_runs_key");
        assertThat(told())
                .extracting(event -> event.subject().key())
                .containsExactly(null, null, "old", "dev", "dev");
        assertThat(told().get(3).subject().agent()).isEqualTo("researcher");
    }

    @Test
    void aRequestHasOneIdHoweverOftenItIsToldOf() {
        Failure.RateLimited failure = new Failure.RateLimited(60, Duration.ofSeconds(2));
        for (int i = 0; i < 2; i++) {
            denials.denied(Denial.admin("dev"), REQUEST);
            denials.limited(failure, "dev", "agent", REQUEST);
            now = now.plusSeconds(1);
        }

        assertThat(told())
                .extracting(AuditRecord::id)
                .containsExactly(
                        "request/gateway-1/1/denied",
                        "request/gateway-1/1/limited",
                        "request/gateway-1/1/denied",
                        "request/gateway-1/1/limited");
    }

    @Test
    void noTwoRequestsHaveOneIdThoughTheirClientCallsThemTheSame() {
        for (Denials gateway : List.of(denials, process("gateway-2"))) {
            for (int i = 0; i < 2; i++) {
                gateway.denied(Denial.admin("dev"), new Denials.Request(gateway.arrived(), FACTS));
            }
        }

        assertThat(told()).extracting(AuditRecord::id).doesNotHaveDuplicates().hasSize(4);
    }

    @Test
    void whoeverKnocksWithoutEndIsCountedInsteadOfTold() {
        for (int i = 0; i < 150; i++) {
            denials.denied(Denial.unauthenticated(true, null), REQUEST);
        }
        assertThat(told()).hasSize(100);

        now = now.plusSeconds(1);
        denials.limited(
                new Failure.RateLimited(60, Duration.ofSeconds(2)), "dev", "agent", REQUEST);
        denials.denied(Denial.unauthenticated(true, null), REQUEST);

        assertThat(told().get(100).event()).isEqualTo(new RequestLimited(60, 2_000, FACTS, null));
        assertThat(((RequestDenied) told().get(101).event()).omitted()).isEqualTo(50);
    }

    @Test
    void whatIsTooMuchOfOneReasonHidesNoOther() {
        for (int i = 0; i < 150; i++) {
            denials.denied(Denial.unauthenticated(false, null), REQUEST);
        }

        denials.denied(Denial.admin("dev"), REQUEST);

        assertThat(((RequestDenied) told().getLast().event()).reason()).isEqualTo("not_an_admin");
    }

    @Test
    void aJobThatIsDeniedHasItsSourceInPlaceOfARequest() {
        denials.denied(Denial.source("researcher"), "job-1", "/shop");

        assertThat(told().getLast().event())
                .isEqualTo(new RequestDenied("source_not_admitted", null, null, "/shop", null));
        assertThat(told().getLast().subject().job()).isEqualTo("job-1");
    }
}
