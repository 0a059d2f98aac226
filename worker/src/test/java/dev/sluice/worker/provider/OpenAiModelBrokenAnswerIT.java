package dev.sluice.worker.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.RawUpstream.Script;
import dev.sluice.worker.run.Model.Answer.Failed;
import dev.sluice.worker.run.Model.Answer.Turn;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiModelBrokenAnswerIT extends Asking {
    private static final Failure CUT = new Failure.UpstreamCut("p");
    private static final Failure UNREADABLE = new Failure.UpstreamUnreadable("p");

    @Test
    void aConnectionThatBreaksMidStreamIsACutAndNotTriedAgain() throws Exception {
        assertThat(failure(3, wire -> wire.stream(HELLO).reset())).isEqualTo(CUT);
        assertThat(heard.lines).containsExactly("text Hello");
        assertThat(retries()).isZero();
    }

    @Test
    void aStreamThatEndsWithNeitherReasonNorDoneIsACut() throws Exception {
        assertThat(failure(3, wire -> wire.stream(HELLO).end())).isEqualTo(CUT);
        assertThat(failure(3, wire -> wire.stream().end())).isEqualTo(CUT);
        assertThat(failure(3, wire -> wire.stream("[DONE]").end())).isEqualTo(CUT);
    }

    @Test
    void aConnectionThatBreaksAfterTheReasonIsACutStill() throws Exception {
        assertThat(answer(1, wire -> wire.stream(HELLO, STOP).reset()))
                .isEqualTo(new Failed(CUT, new Usage(7, 3, 0, 0)));
    }

    @Test
    void aReasonWithoutDoneOrDoneWithoutAReasonIsAnEnd() throws Exception {
        assertThat(answer(1, wire -> wire.stream(HELLO, STOP).end())).isInstanceOf(Turn.class);
        assertThat(answer(1, wire -> wire.stream(HELLO, "[DONE]").end())).isInstanceOf(Turn.class);
    }

    @Test
    void aStreamWithoutLengthEndsWithItsConnection() throws Exception {
        Script untilClosed =
                wire ->
                        wire.raw("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
                                .raw("connection: close\r\n\r\ndata: ")
                                .raw(STOP.replace('\'', '"') + "\r\n\r\n")
                                .reset();
        assertThat(answer(1, untilClosed)).isInstanceOf(Turn.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[1]", "nonsense", "{'choices':[}"})
    void whatIsNoJsonIsUnreadableAndReset(String data) throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, wire -> wire.stream(HELLO, data));
                Providers providers = providers(upstream, Fixtures.PATIENT, Fixtures.retries(3))) {
            assertThat(ask(providers)).isEqualTo(new Failed(UNREADABLE, Usage.NONE));
            upstream.wire(0).closed().get(1, TimeUnit.SECONDS);
        }
    }

    @Test
    void aPageIsUnreadable() throws Exception {
        Script page = wire -> wire.whole(200, "content-type: text/html\r\n", "<html>Log in</html>");
        assertThat(failure(3, page)).isEqualTo(UNREADABLE);
        assertThat(failure(3, wire -> wire.whole(200, "content-type: text/html\r\n", "")))
                .isEqualTo(UNREADABLE);
    }

    @Test
    void jsonInsteadOfAStreamIsRead() throws Exception {
        Script json =
                wire ->
                        wire.whole(
                                200,
                                "content-type: application/json; charset=utf-8\r\n",
                                "{'model':'x','choices':[{'index':0,'message':{'content':'Hello'},"
                                        + "'finish_reason':'length'}]}");
        assertThat(((Turn) answer(1, json)).message().text()).isEqualTo("Hello");
        assertThat(heard.lines).containsExactly("text Hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "{'choices':[]}", "7"})
    void jsonThatIsNoAnswerIsUnreadable(String body) throws Exception {
        assertThat(failure(3, wire -> wire.whole(200, "content-type: application/json\r\n", body)))
                .isEqualTo(UNREADABLE);
    }

    @Test
    void aFrameBeyondTheLimitIsUnreadable() throws Exception {
        String mebibyte = "x".repeat(1024 * 1024);
        Script endless =
                wire -> {
                    wire.stream().chunk("data: ");
                    for (int i = 0; i < 17; i++) {
                        wire.chunk(mebibyte);
                    }
                };
        assertThat(failure(1, endless)).isEqualTo(UNREADABLE);
    }

    @Test
    void anErrorWithinTheStreamIsTold() throws Exception {
        assertThat(failure(3, wire -> wire.stream(HELLO, "{'error':{'message':'x'}}")))
                .isEqualTo(new Failure.UpstreamFailed("p", 500));
        assertThat(failure(3, wire -> wire.stream(HELLO, "{'error':{'code':429}}")))
                .isEqualTo(new Failure.UpstreamRateLimited("p", null));
        assertThat(retries()).isZero();
    }

    @Test
    void aRefusedRequestNamesTheFieldAndHidesWhatIsSecret() throws Exception {
        Script refusal =
                wire ->
                        wire.whole(
                                400,
                                "",
                                "{'error':{'message':'bad for sk-secret of tenant-42',"
                                        + "'param':'temperature','code':'bad'}}");
        assertThat(failure(3, refusal))
                .isEqualTo(new Failure.InvalidRequest("temperature", "bad for *** of ***", "bad"));
    }

    @Test
    void anErrorThatNeverEndsIsTold() throws Exception {
        String page = "x".repeat(70_000);
        assertThat(failure(1, wire -> wire.head(404, "text/html").chunk(page)))
                .isEqualTo(new Failure.UpstreamFailed("p", 404));
        assertThat(failure(1, wire -> wire.head(502, "text/html").chunk("x").reset()))
                .isEqualTo(new Failure.UpstreamFailed("p", 502));
    }
}
