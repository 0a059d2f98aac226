package dev.sluice.common.config.binding;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads YAML 1.2 into [Node]s: scalars stay the text they were written as, `${VAR}` is resolved,
/// aliases are followed, duplicate keys refused.
public final class YamlReader {
    private final Findings findings;
    private final Interpolation interpolation;

    /// @param findings takes the problems
    /// @param environment what `${VAR}` refers to
    public YamlReader(Findings findings, Map<String, String> environment) {
        this.findings = findings;
        this.interpolation = new Interpolation(environment);
    }

    /// The root of `yaml`; an empty mapping where there is nothing in it, and null where it is no
    /// YAML, which the findings then say.
    public @Nullable Node read(String yaml) {
        // Marks without a label: problems name the file themselves, and never quote from it.
        var compose = new Compose(LoadSettings.builder().build());
        try {
            return compose.composeString(yaml)
                    .map(root -> convert(root, ""))
                    .orElseGet(() -> new Node.Entries(1, Map.of()));
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> at = e.getProblemMark().or(e::getContextMark);
            String column = at.map(mark -> " at column " + (mark.getColumn() + 1)).orElse("");
            String why = e.getProblem() == null ? e.getContext() : e.getProblem();
            findings.add("", line(at), "is not YAML" + column + ": " + why);
        } catch (YamlEngineException e) {
            findings.add(
                    "",
                    1,
                    "is not YAML: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
        return null;
    }

    private Node convert(org.snakeyaml.engine.v2.nodes.Node node, String path) {
        int line = line(node.getStartMark());
        if (node.isRecursive()) {
            findings.add(path, line, "must not contain itself");
            return new Node.Broken(line);
        }
        return switch (node) {
            case ScalarNode scalar -> scalar(scalar, path, line);
            case SequenceNode sequence -> items(sequence, path, line);
            case MappingNode mapping -> entries(mapping, path, line);
            default -> throw new IllegalStateException("a YAML node of type " + node.getNodeType());
        };
    }

    private Node scalar(ScalarNode scalar, String path, int line) {
        Interpolation.Outcome outcome = interpolation.resolve(scalar.getValue());
        if (!outcome.broken().isEmpty()) {
            findings.add(path, line, String.join(", ", outcome.broken()));
            return new Node.Broken(line);
        }
        return new Node.Scalar(line, outcome.text(), scalar.getValue(), scalar.isPlain());
    }

    private Node items(SequenceNode sequence, String path, int line) {
        List<Node> items = new ArrayList<>();
        for (var item : sequence.getValue()) {
            items.add(convert(item, Findings.item(path, items.size())));
        }
        return new Node.Items(line, items);
    }

    private Node entries(MappingNode mapping, String path, int line) {
        Map<String, Node> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            int at = line(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                findings.add(path, at, "has a key that is not a single value");
                continue;
            }
            String child = Findings.child(path, key.getValue());
            if (entries.containsKey(key.getValue())) {
                findings.add(child, at, "is there twice");
                continue;
            }
            entries.put(key.getValue(), convert(tuple.getValueNode(), child));
        }
        return new Node.Entries(line, entries);
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(at -> at.getLine() + 1).orElse(1);
    }
}
