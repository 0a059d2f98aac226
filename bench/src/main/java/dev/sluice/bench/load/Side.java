package dev.sluice.bench.load;

import io.vertx.core.Future;

/// One side of a comparison: somebody who is asked and answers.
public interface Side {
    /// What tables call it.
    String name();

    /// Asks once. On the load's event loop.
    ///
    /// @param from the moment that times count from, which may have passed already
    /// @param tally counts the tokens and, once it is whole, the answer
    /// @return completes when the answer is whole; fails, with a message for people, where it is
    ///   not what the script says
    Future<Void> ask(Question question, long from, Tally tally);
}
