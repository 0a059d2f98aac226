package dev.sluice.bench.load;

/// Tokens as the scripted model makes them: words, each with the blank before it.
final class Tokens {
    private Tokens() {}

    /// How many tokens begin in a piece of an answer.
    ///
    /// @param position of the piece in the answer
    static int in(String piece, int position) {
        int tokens = position == 0 && !piece.isEmpty() ? 1 : 0;
        for (int i = 0; i < piece.length(); i++) {
            if (piece.charAt(i) == ' ') {
                tokens++;
            }
        }
        return tokens;
    }
}
