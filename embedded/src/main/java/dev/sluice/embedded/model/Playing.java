package dev.sluice.embedded.model;

import dev.sluice.embedded.model.chat.ChatRequest;
import dev.sluice.embedded.model.rule.Pace;
import dev.sluice.embedded.model.rule.Reply;
import dev.sluice.embedded.model.rule.Rule;
import dev.sluice.embedded.model.rule.Template;
import dev.sluice.embedded.model.rule.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A script being played: it knows how often each of its rules has matched.
final class Playing {

    private final Script script;
    private final List<AtomicInteger> matches;

    Playing(Script script) {
        this.script = script;
        matches = script.rules().stream().map(_ -> new AtomicInteger()).toList();
    }

    /// What answers a request.
    ///
    /// @param rule the name of the rule
    /// @param index its place, -1 for the fallback
    /// @param tools the names that the reply's tool calls resolve to
    record Cue(
            String rule,
            int index,
            Pace pace,
            Reply reply,
            Template.Values values,
            List<String> tools) {}

    Script script() {
        return script;
    }

    Optional<Cue> cue(ChatRequest request) {
        for (int i = 0; i < script.rules().size(); i++) {
            Rule rule = script.rules().get(i);
            Optional<Template.Values> values = rule.when().match(request);
            Optional<List<String>> tools =
                    values.isEmpty() ? Optional.empty() : tools(rule.reply(), request);
            if (values.isPresent() && tools.isPresent() && take(i, rule.when())) {
                return Optional.of(
                        new Cue(
                                rule.name(),
                                i,
                                rule.pace(),
                                rule.reply(),
                                values.get(),
                                tools.get()));
            }
        }
        return script.fallbackReply().flatMap(reply -> fallback(reply, request));
    }

    private Optional<Cue> fallback(Reply reply, ChatRequest request) {
        Optional<Template.Values> values = When.ALWAYS.match(request);
        Optional<List<String>> tools = tools(reply, request);
        return values.isPresent() && tools.isPresent()
                ? Optional.of(
                        new Cue("fallback", -1, script.pace(), reply, values.get(), tools.get()))
                : Optional.empty();
    }

    private boolean take(int index, When when) {
        Integer times = when.times();
        return times == null || matches.get(index).getAndIncrement() < times;
    }

    private static Optional<List<String>> tools(Reply reply, ChatRequest request) {
        return switch (reply) {
            case Reply.HttpError _ -> Optional.of(List.of());
            case Reply.Answer answer -> {
                List<String> names = new ArrayList<>();
                for (Reply.Call call : answer.toolCalls()) {
                    Optional<String> name = call.tool().resolve(request.tools());
                    if (name.isEmpty()) {
                        yield Optional.empty();
                    }
                    names.add(name.get());
                }
                yield Optional.of(names);
            }
        };
    }
}
