package dev.sluice.worker.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EstimateTest {
    @Test
    void theInputOfAFirstTurnIsItsMessagesAndOfALaterOneThatOfTheOneBefore() {
        var request =
                Samples.request(
                        Message.text(Message.Role.SYSTEM, "12345678"),
                        new Message(
                                Message.Role.USER,
                                List.of(
                                        new ContentPart.Text("123"),
                                        new ContentPart.Image("data:,aaaaaaaa", null, Map.of()))),
                        Message.results(List.of(ContentPart.ToolResult.text("c", "1234", false))));

        assertThat(Estimate.of(request, null, 0)).isEqualTo(new Usage(4, 0, 0, 0));
        assertThat(Estimate.of(request, new Usage(70, 8, 1, 1), 0))
                .isEqualTo(new Usage(70, 0, 0, 0));
    }

    @Test
    void theOutputIsATokenForEveryFourCharactersThatWereTold() {
        List<RunEvent> told =
                List.of(
                        new RunEvent.ReasoningDelta(1, "1234"),
                        new RunEvent.TextDelta(1, "12"),
                        new RunEvent.RefusalDelta(1, "1"),
                        new RunEvent.ToolCallDelta(1, 0, "call", "fn", "{}"),
                        new RunEvent.ToolCallDelta(1, 0, "call", null, "12"),
                        new RunEvent.ProviderDelta(1, Map.of(), Map.of(), Map.of()));

        long characters = told.stream().mapToLong(Estimate::characters).sum();
        assertThat(characters).isEqualTo(13);
        assertThat(Estimate.of(Samples.request(), null, characters))
                .isEqualTo(new Usage(0, 4, 0, 0));
    }
}
