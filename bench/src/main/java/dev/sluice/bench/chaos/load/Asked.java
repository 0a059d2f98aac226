package dev.sluice.bench.chaos.load;

import java.io.InputStream;
import java.net.http.HttpResponse;

/// What became of a request that was to start a run.
sealed interface Asked {
    /// It was accepted: a 2xx that names the run.
    ///
    /// @param gateway which gateway answered
    /// @param answer its body is still to be read
    record Accepted(String run, int gateway, HttpResponse<InputStream> answer) implements Asked {}

    /// It was refused: there is no run.
    record Refused(int status) implements Asked {}

    /// Nobody knows: the connection broke before the answer, and the request has no key under which
    /// it could be sent again.
    record Unanswered() implements Asked {}
}
