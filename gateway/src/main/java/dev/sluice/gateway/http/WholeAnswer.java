package dev.sluice.gateway.http;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/// An answer that is written as one body when the run has ended.
final class WholeAnswer extends Answer {
    private final Dialect.Whole whole;

    WholeAnswer(
            HttpServerResponse response,
            Dialect dialect,
            Dialect.Whole whole,
            Watched watched,
            AnswerMeters meters,
            Ending ending) {
        super(response, dialect, watched, meters, ending);
        this.whole = whole;
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    void add(Reply reply, long offset) {
        whole.add(reply.event());
    }

    @Override
    void complete(RunEvent.RunCompleted end, Reply reply, long offset) {
        begin();
        end();
        response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(whole.body(end));
    }

    @Override
    void fail(Failure failure, Reply reply, long offset) {
        respond(failure);
    }

    @Override
    void breakOff(Failure failure) {
        respond(failure);
    }
}
