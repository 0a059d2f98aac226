package dev.sluice.common.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AuditRecordTest {
    private static RunRequest request(@Nullable JobOrigin job) {
        return new RunRequest(
                new RunId("run_1"),
                "agent",
                "key",
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                RunRequest.OnDisconnect.CONTINUE,
                true,
                Lane.BATCH,
                0,
                0,
                0,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(60),
                job);
    }

    @Test
    void whatHappensToAJobsRunNamesTheJob() {
        JobOrigin job = new JobOrigin("j-1", "/shop", null, null, null, false);

        assertThat(AuditRecord.Subject.of(request(job)).job()).isEqualTo("j-1");
        assertThat(AuditRecord.Subject.of(request(null)).job()).isNull();
    }
}
