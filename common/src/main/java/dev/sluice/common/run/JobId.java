package dev.sluice.common.run;

/// What a job may be called by who submits it.
public final class JobId {
    private static final int LONGEST = 255;

    /// The rule in words.
    public static final String RULE =
            "expected 1 to %d characters, none of them a control character.".formatted(LONGEST);

    private JobId() {}

    /// Whether a job may have this id.
    public static boolean isOne(String id) {
        return !id.isBlank()
                && id.length() <= LONGEST
                && id.chars().noneMatch(Character::isISOControl);
    }
}
