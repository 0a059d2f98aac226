package dev.sluice.embedded.model.chat;

import java.util.ArrayList;
import java.util.List;

/// Cuts texts into tokens: a token is a word with the white space before it.
public final class Tokens {

    private static final int FRAGMENT = 12;

    private Tokens() {}

    /// The tokens of `text`, which put together are `text`; white space at its end is one more.
    public static List<String> of(String text) {
        List<String> tokens = new ArrayList<>();
        int start = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            boolean space = Character.isWhitespace(text.charAt(i));
            if (space && inWord) {
                tokens.add(text.substring(start, i));
                start = i;
            }
            inWord = !space;
        }
        if (start < text.length()) {
            tokens.add(text.substring(start));
        }
        return tokens;
    }

    /// How many words `text` has.
    public static int count(String text) {
        int words = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            boolean word = !Character.isWhitespace(text.charAt(i));
            if (word && !inWord) {
                words++;
            }
            inWord = word;
        }
        return words;
    }

    /// `json` in fragments of twelve characters; a pair of surrogates stays together.
    public static List<String> fragments(String json) {
        List<String> fragments = new ArrayList<>();
        for (int start = 0; start < json.length(); ) {
            int end = Math.min(json.length(), start + FRAGMENT);
            if (end < json.length() && Character.isHighSurrogate(json.charAt(end - 1))) {
                end++;
            }
            fragments.add(json.substring(start, end));
            start = end;
        }
        return fragments;
    }
}
