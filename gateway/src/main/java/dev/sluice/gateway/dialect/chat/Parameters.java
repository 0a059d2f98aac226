package dev.sluice.gateway.dialect.chat;

import static java.util.Map.entry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Reads the request's parameters: those that Sluice knows are checked, all are passed on verbatim.
final class Parameters {
    private static final int MOST_STOPS = 4;

    private static final Map<String, Consumer<Field>> CHECKS =
            Map.ofEntries(
                    entry("temperature", decimal(0, 2)),
                    entry("top_p", decimal(0, 1)),
                    entry("presence_penalty", decimal(-2, 2)),
                    entry("frequency_penalty", decimal(-2, 2)),
                    entry("max_tokens", integer(1, Long.MAX_VALUE)),
                    entry("max_completion_tokens", integer(1, Long.MAX_VALUE)),
                    entry("top_logprobs", integer(0, 20)),
                    entry("seed", integer(Long.MIN_VALUE, Long.MAX_VALUE)),
                    entry("stop", Parameters::stop),
                    entry("response_format", format -> format.object().at("type").string()),
                    entry("tool_choice", Parameters::toolChoice),
                    entry("parallel_tool_calls", Field::flag),
                    entry("logprobs", Field::flag),
                    entry("user", Field::string),
                    entry("reasoning_effort", Field::string),
                    entry("logit_bias", Field::object),
                    entry("metadata", TermsReader::metadata),
                    entry("modalities", Parameters::modalities),
                    entry("audio", Parameters::refuseAudio),
                    entry("functions", replacedBy("tools")),
                    entry("function_call", replacedBy("tool_choice")));

    private Parameters() {}

    /// The fields of `root` that are not `taken` elsewhere, without those that are null.
    static Map<String, JsonNode> read(Field root, Set<String> taken) {
        one(root.at("n"));
        Map<String, JsonNode> parameters = new LinkedHashMap<>();
        root.others(taken)
                .forEach((name, value) -> {
                    Field field = root.at(name);
                    if (!field.absent()) {
                        CHECKS.getOrDefault(name, _ -> {}).accept(field);
                        parameters.put(name, value);
                    }
                });
        return parameters;
    }

    private static void one(Field n) {
        if (n.absent()) {
            return;
        }
        integer(1, Long.MAX_VALUE).accept(n);
        if (n.value().numberValue().doubleValue() != 1) {
            throw n.unsupported(
                    "unsupported_value",
                    "Unsupported value: 'n' does not support "
                            + got(n)
                            + " with agents. Only the default (1) value is supported.");
        }
    }

    private static Consumer<Field> decimal(long least, long most) {
        return field ->
                within(field.expect(field.value().isNumber(), "a decimal"), "decimal", least, most);
    }

    private static Consumer<Field> integer(long least, long most) {
        return field ->
                within(
                        field.expect(field.value().isIntegralNumber(), "an integer"),
                        "integer",
                        least,
                        most);
    }

    private static void within(Field field, String kind, long least, long most) {
        double value = field.value().numberValue().doubleValue();
        if (value < least) {
            throw field.invalid(
                    kind + "_below_min_value",
                    "%s below minimum value. Expected a value >= %d, but got %s instead."
                            .formatted(kind, least, got(field)));
        }
        if (value > most) {
            throw field.invalid(
                    kind + "_above_max_value",
                    "%s above maximum value. Expected a value <= %d, but got %s instead."
                            .formatted(kind, most, got(field)));
        }
    }

    private static void stop(Field stop) {
        if (stop.value().isString()) {
            return;
        }
        List<Field> stops = stop.items("one of a string or array of strings");
        stops.forEach(Field::string);
        if (stops.size() > MOST_STOPS) {
            throw stop.invalid(
                    "array_above_max_length",
                    "array too long. Expected an array with maximum length %d, but got an array"
                                    .formatted(MOST_STOPS)
                            + " with length "
                            + stops.size()
                            + " instead.");
        }
    }

    /// Whether the named function exists is for the run to say: it may be one of the agent's own.
    private static void toolChoice(Field choice) {
        if (choice.value().isString()) {
            if (!Set.of("none", "auto", "required").contains(choice.string())) {
                throw choice.unknownValue("'none', 'auto', and 'required'");
            }
            return;
        }
        choice.expect(choice.value().isObject(), "one of a string or an object");
        if (choice.at("type").string().equals("function")) {
            choice.at("function").object().at("name").string();
        }
    }

    private static void modalities(Field modalities) {
        for (Field modality : modalities.items("an array of strings")) {
            if (modality.string().equals("audio")) {
                throw modalities.unsupported(
                        "unsupported_value",
                        "Unsupported value: 'modalities' does not support 'audio' with agents. Only"
                                + " 'text' is supported.");
            }
        }
    }

    private static void refuseAudio(Field audio) {
        throw audio.unsupported(
                "unsupported_parameter",
                "Unsupported parameter: 'audio' is not supported with agents, which answer in text.");
    }

    private static Consumer<Field> replacedBy(String successor) {
        return field -> {
            throw field.unsupported(
                    "unsupported_parameter",
                    "Unsupported parameter: '%s' is deprecated and not supported with agents. Use"
                                    .formatted(field.path())
                            + " '"
                            + successor
                            + "' instead.");
        };
    }

    private static String got(Field field) {
        return Field.shown(field.value().toString());
    }
}
