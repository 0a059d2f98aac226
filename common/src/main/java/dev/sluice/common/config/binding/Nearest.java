package dev.sluice.common.config.binding;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Finds what a mistyped name was meant to be.
public final class Nearest {
    private static final int FAR = 3;

    private Nearest() {}

    /// `, did you mean max_turns?` where one of `known` is close to `name`, else the known names:
    /// `; known are: a, b`, or nothing where there are none.
    public static String hint(String name, Collection<String> known) {
        return nearest(name, known)
                .map(near -> ", did you mean " + near + "?")
                .orElse(known.isEmpty() ? "" : "; known: " + String.join(", ", known));
    }

    private static Optional<String> nearest(String name, Collection<String> known) {
        // A short name is close to every other short one: at most half of it may differ.
        int limit = Math.min(FAR, Math.max(1, name.length() / 2));
        return known.stream()
                .filter(candidate -> distance(name, candidate) <= limit)
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
    }

    /// Levenshtein's distance.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
