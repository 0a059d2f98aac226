package dev.sluice.common.config;

import dev.sluice.common.config.binding.Problem;
import java.util.List;
import java.util.stream.Collectors;

/// Thrown when a configuration cannot be used. Its message has one line a problem, is meant for the
/// operator as it is, and holds no secret.
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /// Everything that is wrong with the file, from its top to its end.
    public List<Problem> problems() {
        return problems;
    }
}
