package dev.sluice.bench.chaos.check;

/// Where two texts part, in one line.
final class Difference {
    private static final int SHOWN = 40;

    private Difference() {}

    static String of(String expected, String actual) {
        int at = 0;
        while (at < Math.min(expected.length(), actual.length())
                && expected.charAt(at) == actual.charAt(at)) {
            at++;
        }
        return "from character %d of %d on there is '%s' instead of '%s' (of %d)"
                .formatted(
                        at,
                        actual.length(),
                        from(actual, at),
                        from(expected, at),
                        expected.length());
    }

    private static String from(String text, int at) {
        return text.substring(at, Math.min(text.length(), at + SHOWN)).replace("\n", "\\n");
    }
}
