package dev.sluice.bench.chaos.seen;

/// What a client makes of the frames that it is sent. Belongs to one thread.
public sealed interface Reading permits ChatReading, EventReading {
    /// A connection was made: what comes follows on the last frame read.
    void connected();

    /// The run was not found.
    void missed();

    /// The next frame.
    void read(SseFrame frame);

    /// The id of the last frame that had one, to resume after; empty before the first.
    String lastId();

    /// Whether the end was read.
    boolean over();

    /// Notes what the client met beside the frames.
    void fault(String what);

    /// All of it so far.
    Sighting sighting();
}
