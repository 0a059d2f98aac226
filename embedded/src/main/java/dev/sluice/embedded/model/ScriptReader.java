package dev.sluice.embedded.model;

import dev.sluice.embedded.model.rule.Pace;
import dev.sluice.embedded.model.rule.Reply;
import dev.sluice.embedded.model.rule.Rule;
import dev.sluice.embedded.model.rule.Template;
import dev.sluice.embedded.model.rule.When;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Reads a script, collecting every problem.
final class ScriptReader {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final int MANY = 1_000_000;
    private static final Set<String> ERROR_KEYS = Set.of("message", "type", "code", "param");
    private static final Set<String> ANSWER_KEYS =
            Set.of(
                    "text",
                    "reasoning",
                    "tool_calls",
                    "finish_reason",
                    "usage",
                    "repeat",
                    "extra",
                    "cut_after",
                    "hang_after");
    private static final Set<String> REPLY_KEYS = union(ANSWER_KEYS, "headers", "malformed");
    private static final Set<String> ALL_REPLY_KEYS = union(REPLY_KEYS, "status", "error");

    private final List<String> problems = new ArrayList<>();

    private ScriptReader() {}

    static Script read(String yaml) {
        JsonNode tree;
        try {
            tree = YAML.readTree(yaml);
        } catch (JacksonException e) {
            throw new ScriptException(List.of("not YAML: " + e.getOriginalMessage()));
        }
        ScriptReader reader = new ScriptReader();
        Script script = reader.script(tree);
        if (!reader.problems.isEmpty()) {
            throw new ScriptException(reader.problems);
        }
        return script;
    }

    private Script script(JsonNode tree) {
        Fields fields =
                fields(tree, "", "models", "api_key", "journal", "pace", "rules", "fallback");
        Pace pace = pace(fields, Pace.NONE);
        return new Script(
                fields.texts("models"),
                fields.text("api_key"),
                fields.number("journal", 1, MANY, Script.DEFAULT_JOURNAL),
                pace,
                fields.list("rules", (node, path) -> rule(node, path, pace)),
                reply(fields, "fallback", When.ALWAYS));
    }

    private Pace pace(Fields parent, Pace absent) {
        Fields fields = parent.mapping("pace", Set.of("first_token", "tokens_per_second"));
        return fields == null
                ? absent
                : new Pace(
                        fields.duration("first_token"),
                        fields.rate("tokens_per_second", Double.POSITIVE_INFINITY));
    }

    private Rule rule(JsonNode node, String path, Pace pace) {
        Fields fields = fields(node, path, "name", "when", "pace", "reply");
        When when = when(fields);
        Reply reply = reply(fields, "reply", when);
        if (!fields.has("reply")) {
            fields.problem("reply", "is missing");
        }
        return new Rule(
                fields.text("name", path),
                when,
                pace(fields, pace),
                Objects.requireNonNullElseGet(
                        reply, () -> new Reply.HttpError(500, null, false, Map.of())));
    }

    private When when(Fields rule) {
        Fields fields =
                rule.mapping(
                        "when",
                        Set.of("model", "user", "tool_result", "has_tools", "turn", "times"));
        if (fields == null) {
            return When.ALWAYS;
        }
        Pattern toolResult = fields.pattern("tool_result");
        if (toolResult != null && toolResult.pattern().equals("any")) {
            toolResult = Pattern.compile("");
        }
        return new When(
                fields.text("model"),
                fields.pattern("user"),
                toolResult,
                fields.flag("has_tools"),
                fields.number("turn", 0, MANY),
                fields.number("times", 1, MANY));
    }

    private @Nullable Reply reply(Fields parent, String key, When when) {
        Fields fields = parent.mapping(key, ALL_REPLY_KEYS);
        if (fields == null) {
            return null;
        }
        return fields.has("status") ? error(fields) : answer(fields, when);
    }

    private Reply error(Fields fields) {
        for (String key : ANSWER_KEYS) {
            if (fields.has(key)) {
                fields.problem(key, "has no place beside status");
            }
        }
        Fields error = fields.mapping("error", ERROR_KEYS);
        if (error != null) {
            ERROR_KEYS.forEach(error::text);
        }
        return new Reply.HttpError(
                fields.number("status", 400, 599, 500),
                fields.object("error"),
                Boolean.TRUE.equals(fields.flag("malformed")),
                fields.textMap("headers"));
    }

    private Reply answer(Fields fields, When when) {
        if (fields.has("error")) {
            fields.problem("error", "needs status beside it");
        }
        String text = fields.text("text", "");
        String reasoning = fields.text("reasoning", "");
        check(fields.at("text"), text, when);
        check(fields.at("reasoning"), reasoning, when);
        return new Reply.Answer(
                text,
                reasoning,
                fields.list("tool_calls", (node, path) -> call(node, path, when)),
                fields.text("finish_reason"),
                fields.object("usage"),
                fields.number("repeat", 1, MANY, 1),
                fields.object("extra"),
                fields.textMap("headers"),
                fault(fields));
    }

    private Reply.Call call(JsonNode node, String path, When when) {
        Fields fields = fields(node, path, "name", "name_matching", "arguments", "id");
        String name = fields.text("name");
        Pattern matching = fields.pattern("name_matching");
        if (fields.has("name") == fields.has("name_matching")) {
            fields.problem("name", "exactly one of name and name_matching must be given");
        }
        ObjectNode given = fields.object("arguments");
        ObjectNode arguments = given == null ? JsonNodeFactory.instance.objectNode() : given;
        checkAll(fields.at("arguments"), arguments, when);
        Reply.Tool tool =
                matching == null
                        ? new Reply.Tool.Named(name == null ? "" : name)
                        : new Reply.Tool.Matching(matching);
        return new Reply.Call(tool, arguments, fields.text("id"));
    }

    private static Reply.Fault fault(Fields fields) {
        Integer cut = fields.number("cut_after", 0, MANY);
        Integer hang = fields.number("hang_after", 0, MANY);
        boolean malformed = Boolean.TRUE.equals(fields.flag("malformed"));
        if ((cut != null ? 1 : 0) + (hang != null ? 1 : 0) + (malformed ? 1 : 0) > 1) {
            fields.problem("cut_after", "only one of cut_after, hang_after and malformed may be");
        }
        if (cut != null) {
            return new Reply.Fault.CutAfter(cut);
        }
        if (hang != null) {
            return new Reply.Fault.HangAfter(hang);
        }
        return malformed ? new Reply.Fault.Malformed() : new Reply.Fault.None();
    }

    private void checkAll(String path, JsonNode node, When when) {
        if (node.isString()) {
            check(path, node.stringValue(), when);
        }
        node.properties().forEach(e -> checkAll(path + "." + e.getKey(), e.getValue(), when));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            checkAll(path + "[" + i + "]", node.get(i), when);
        }
    }

    private void check(String path, String template, When when) {
        new Template(template)
                .problem(groups(when.user()), groups(when.toolResult()))
                .ifPresent(problem -> problems.add(path + ": " + problem));
    }

    private static int groups(@Nullable Pattern pattern) {
        return pattern == null ? 0 : pattern.matcher("").groupCount();
    }

    private Fields fields(JsonNode node, String path, String... known) {
        return new Fields(node, path, problems, Set.of(known));
    }

    private static Set<String> union(Set<String> keys, String... more) {
        Set<String> all = new HashSet<>(keys);
        all.addAll(List.of(more));
        return Set.copyOf(all);
    }
}
