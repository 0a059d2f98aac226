package dev.sluice.worker.audit;

import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// A run, and what its journal says of it.
final class Samples {
    static final RunId RUN = new RunId("run_1");
    static final Instant ACCEPTED = Instant.ofEpochMilli(1_790_000_000_000L);

    private Samples() {}

    static RunRequest request(Message... messages) {
        return new RunRequest(
                RUN,
                "researcher",
                "dev",
                List.of(messages),
                List.of(),
                Map.of(),
                Map.of("ticket", "42"),
                RunRequest.OnDisconnect.CANCEL,
                false,
                Lane.INTERACTIVE,
                3,
                0,
                0,
                ACCEPTED,
                ACCEPTED.plusSeconds(60));
    }

    /// A reply that comes so many seconds after the run was accepted as its number says.
    static Reply reply(int attempt, long seq, RunEvent event) {
        return new Reply(RUN, attempt, "claim-" + attempt, seq, ACCEPTED.plusSeconds(seq), event);
    }
}
