package dev.sluice.common.config.binding;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is known about a file's values while it is read: where each stands, what of it may be
/// shown, and every problem found so far. Belongs to one thread.
public final class Findings {
    private record Mark(int line, @Nullable String shown) {}

    private record Found(int line, Problem problem) {}

    private static final int SHOWN_MAX = 80;

    private final String source;
    private final Map<String, Mark> marks = new HashMap<>();
    private final Map<String, Set<String>> names = new HashMap<>();
    private final Map<String, List<Integer>> elements = new HashMap<>();
    private final Set<String> faulty = new HashSet<>();
    private final Set<String> lost = new HashSet<>();
    private final List<Found> found = new ArrayList<>();

    /// @param source the file's name as problems show it
    public Findings(String source) {
        this.source = source;
    }

    /// The path of `key` in the mapping at `path`: `agents.demo`, `agents["gpt-4.1"]`.
    public static String child(String path, String key) {
        if (!key.matches("[A-Za-z0-9_-]+")) {
            return path + "[\"" + key + "\"]";
        }
        return path.isEmpty() ? key : path + "." + key;
    }

    /// The path of an element of the list at `path`: `keys[0]`.
    public static String item(String path, int index) {
        return path + "[" + index + "]";
    }

    /// Whether the file has a value at `path`, or a default stands there, whatever is wrong with
    /// it.
    public boolean has(String path) {
        return marks.containsKey(path);
    }

    /// The names in the mapping at `path`, whatever is wrong with their values.
    public Set<String> names(String path) {
        return names.getOrDefault(path, Set.of());
    }

    /// The path of an element of the list at `path`, by its index among the elements that could be
    /// read; the others keep their places in the file.
    public String element(String path, int index) {
        List<Integer> places = elements.getOrDefault(path, List.of());
        return item(path, index < places.size() ? places.get(index) : index);
    }

    /// Complains about the value at `path`, unless it or one of those at the paths `with` was
    /// complained about already, or cannot be judged.
    public void refuse(String path, String rule, String... with) {
        if (!isFaulty(path)) {
            complain(path, rule, with);
        }
    }

    /// Complains about the mapping at `path` as a whole or about its name, unless it cannot be
    /// judged or one of the values at the paths `with` is at fault. What is in it goes on being
    /// judged.
    public void refuseAsWhole(String path, String rule, String... with) {
        if (!isLost(path) && !anyFaulty(with)) {
            Mark mark = markOf(path);
            found.add(new Found(mark.line, problem(mark.line, path, null, rule)));
        }
    }

    /// Whether the value at `path` was complained about, or cannot be judged because it, or
    /// something around it, could not be read.
    public boolean isFaulty(String path) {
        return faulty.contains(path) || isLost(path);
    }

    /// Every problem found, from the file's top to its end.
    public List<Problem> problems() {
        return found.stream()
                .sorted(Comparator.comparingInt(Found::line))
                .map(Found::problem)
                .toList();
    }

    void mark(String path, int line, @Nullable String shown) {
        marks.put(path, new Mark(line, shown == null ? null : clipped(shown)));
    }

    void declare(String path, Set<String> namesThere) {
        names.put(path, namesThere);
    }

    void declare(String path, List<Integer> places) {
        elements.put(path, places);
    }

    /// Complains without showing the value.
    void add(String path, int line, String rule) {
        add(path, line, null, rule);
    }

    /// Remembers that what stands at `path`, and all that should stand in it, cannot be judged.
    void giveUp(String path) {
        lost.add(path);
    }

    /// Complains about the value at `path`, unless one of those at the paths `with` is at fault.
    void complain(String path, String rule, String... with) {
        if (!anyFaulty(with)) {
            Mark mark = markOf(path);
            add(path, mark.line, mark.shown, rule);
        }
    }

    private boolean anyFaulty(String... paths) {
        return Stream.of(paths).anyMatch(this::isFaulty);
    }

    private boolean isLost(String path) {
        for (String at = path; ; at = parent(at)) {
            if (lost.contains(at)) {
                return true;
            }
            if (at.isEmpty()) {
                return false;
            }
        }
    }

    private void add(String path, int line, @Nullable String shown, String rule) {
        faulty.add(path);
        found.add(new Found(line, problem(line, path, shown, rule)));
    }

    private Problem problem(int line, String path, @Nullable String shown, String rule) {
        return new Problem(source + ":" + line, path, shown, rule);
    }

    /// The mark at `path`, else the line of what it should stand in.
    private Mark markOf(String path) {
        for (String at = path; ; at = parent(at)) {
            @Nullable Mark mark = marks.get(at);
            if (mark != null) {
                return at.equals(path) ? mark : new Mark(mark.line, null);
            }
            if (at.isEmpty()) {
                return new Mark(1, null);
            }
        }
    }

    private static String parent(String path) {
        if (path.endsWith("\"]")) {
            return path.substring(0, path.lastIndexOf("[\""));
        }
        if (path.endsWith("]")) {
            return path.substring(0, path.lastIndexOf('['));
        }
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    /// One short line, without what a URL may hold of credentials.
    private static String clipped(String text) {
        String line =
                text.replaceAll("://[^/@\\s]*@", "://***@").replace("\n", "\\n").replace("\r", "");
        if (line.isEmpty()) {
            return "\"\"";
        }
        return line.length() <= SHOWN_MAX ? line : line.substring(0, SHOWN_MAX - 1) + "…";
    }
}
