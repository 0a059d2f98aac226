package dev.sluice.gateway.dialect.chat;

/// Separates what several turns of one run say: a blank line, where a later turn says more. One
/// thread at a time.
final class TurnText {
    /// What stands between two of them.
    static final String BETWEEN = "\n\n";

    private int last;

    /// The piece as it appears in the answer.
    String next(int turn, String piece) {
        if (piece.isEmpty()) {
            return piece;
        }
        boolean further = last != 0 && turn != last;
        last = turn;
        return further ? BETWEEN + piece : piece;
    }
}
