package dev.sluice.gateway.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class UnseenTest {
    private static final RunId RUN = RunId.at(1);

    private static Reply reply(long seq) {
        RunEvent event =
                seq == 0 ? new RunEvent.AttemptStarted("w") : new RunEvent.TextDelta(1, "x");
        return new Reply(RUN, 1, "a", seq, Instant.EPOCH, event);
    }

    private static List<Long> shown(Unseen unseen, long... seqs) {
        return LongStream.of(seqs).filter(seq -> unseen.shows(reply(seq))).boxed().toList();
    }

    @Test
    void fromTheStartEverythingIsShown() {
        assertThat(shown(new Unseen(0, 0), 0, 1, 2, 0, 3)).containsExactly(0L, 1L, 2L, 0L, 3L);
    }

    @Test
    void whatWasSeenIsPassedOverAndWithItTheAttemptsBeforeIt() {
        assertThat(shown(new Unseen(2, 0), 0, 1, 0, 2, 0, 3, 4)).containsExactly(0L, 3L, 4L);
    }

    @Test
    void aReaderThatBeginsBehindWhatItSawIsShownAllThatFollows() {
        assertThat(shown(new Unseen(2, 2), 0, 3)).containsExactly(0L, 3L);
    }

    @Test
    void aNumberThatTheRunNeverReachesShowsNothing() {
        assertThat(shown(new Unseen(9, 0), 0, 1, 2)).isEmpty();
    }
}
