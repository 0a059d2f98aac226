package dev.sluice.embedded.model;

import java.util.List;

/// A script that cannot be played, with everything that is wrong with it.
public final class ScriptException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String[] problems;

    ScriptException(List<String> problems) {
        super("The script cannot be played:\n  " + String.join("\n  ", problems));
        this.problems = problems.toArray(String[]::new);
    }

    /// One line each: the path in the script, the value and the rule it breaks.
    public List<String> problems() {
        return List.of(problems);
    }
}
