package dev.sluice.bench.chaos.check;

import dev.sluice.bench.chaos.script.Errand;
import dev.sluice.bench.chaos.script.Errands;
import dev.sluice.bench.chaos.seen.RunView;
import dev.sluice.bench.chaos.seen.SseFrame;
import dev.sluice.bench.chaos.tool.ToolLedger;
import dev.sluice.bench.chaos.tool.ToolLedger.Phase;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import dev.sluice.embedded.model.chat.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Makes histories in which everything is as promised: runs whose workers are lost again and again,
/// in the middle of text and of tool calls, and stale workers that go on writing.
final class HistoryMaker {
    private final Random random;
    private final History history;
    private final Errand errand;
    private final StringBuilder read = new StringBuilder();
    private int attempt;
    private long seq;
    private long offset;
    private Instant now = Instant.ofEpochMilli(1_000_000);
    private int asked;

    private HistoryMaker(long seed, Shape shape) {
        random = new Random(seed);
        Errands errands = new Errands("t", random);
        Errand made;
        do {
            made = shape.tools ? errands.work() : errands.talk();
        } while (made.wavering() != shape.wavering);
        errand = made;
        history = new History(errand);
    }

    /// What kind of run.
    enum Shape {
        TALK(false, false),
        WORK(true, false),
        WAVERING(false, true);

        private final boolean tools;
        private final boolean wavering;

        Shape(boolean tools, boolean wavering) {
            this.tools = tools;
            this.wavering = wavering;
        }
    }

    static History make(long seed, Shape shape) {
        HistoryMaker maker = new HistoryMaker(seed, shape);
        maker.run();
        return maker.history;
    }

    private void run() {
        begin();
        List<List<String>> results = new ArrayList<>();
        Usage usage = Usage.NONE;
        long context = Tokens.count(errand.prompt());
        int turn = 1;
        for (Errand.Round round : errand.rounds()) {
            say(turn, round.preface());
            List<ContentPart> parts = new ArrayList<>();
            parts.add(new ContentPart.Text(round.preface()));
            long output = Tokens.of(round.preface()).size();
            long next = context + Tokens.count(round.preface());
            for (Errand.Call call : round.calls()) {
                parts.add(
                        new ContentPart.ToolCall(
                                "call_" + call.key(),
                                call.tool().modelName(),
                                call.arguments(),
                                null,
                                Map.of()));
                output += 1 + Tokens.fragments(call.arguments()).size();
                next += 1;
            }
            usage = usage.plus(complete(turn, parts, new Usage(context, output, 0, 0)));
            results.add(new ArrayList<>());
            for (Errand.Call call : round.calls()) {
                String result = work(turn, call);
                results.getLast().add(result);
                next += Tokens.count(result);
            }
            context = next;
            turn++;
        }
        String text =
                answer(turn, errand.lastText(results.isEmpty() ? List.of() : results.getLast()));
        usage =
                usage.plus(
                        complete(
                                turn,
                                List.of(new ContentPart.Text(text)),
                                new Usage(context, Tokens.of(text).size(), 0, 0)));
        end(usage);
    }

    /// Says a text that may be said anew by another attempt, with another number in it.
    private String answer(int turn, String expected) {
        String text = expected.replace(Errand.MARK, "#" + ++asked);
        if (errand.wavering()) {
            say(turn, text.substring(0, text.length() / 2));
            begin();
            write(new RunEvent.TurnReset(turn));
            history.chat.add(frame("", "{\"error\":{\"message\":\"" + History.RUN + "\"}}"));
            text = expected.replace(Errand.MARK, "#" + ++asked);
        }
        say(turn, text);
        return text;
    }

    private void begin() {
        attempt++;
        put(0, new RunEvent.AttemptStarted("worker-" + attempt));
        if (attempt > 1 && random.nextBoolean()) {
            // The worker that was thought dead goes on.
            stale(new RunEvent.TextDelta(1, "stale"));
            stale(new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE));
        }
    }

    private void stale(RunEvent event) {
        history.log.add(
                new Reply(
                        new RunId(History.RUN),
                        attempt - 1,
                        claim(attempt - 1),
                        seq + 1,
                        now,
                        event));
        offset++;
    }

    private static String claim(int attempt) {
        return "claim-" + attempt;
    }

    private void say(int turn, String text) {
        String gap = turn > 1 ? "\n\n" : "";
        for (String token : Tokens.of(text)) {
            if (random.nextInt(40) == 0) {
                begin();
            }
            write(new RunEvent.TextDelta(turn, token));
            read.append(gap).append(token);
            chat(Json.MAPPER.createObjectNode().put("content", gap + token), null);
            gap = "";
        }
    }

    private Usage complete(int turn, List<ContentPart> parts, Usage usage) {
        write(
                new RunEvent.TurnCompleted(
                        turn,
                        new Message(Message.Role.ASSISTANT, parts),
                        FinishReason.STOP,
                        usage,
                        "m"));
        return usage;
    }

    private String work(int turn, Errand.Call call) {
        now = now.plusMillis(1);
        ledger(Phase.STARTED, call);
        String result = call.tool().result(call.key());
        boolean crashed = random.nextInt(3) == 0;
        boolean unknown = false;
        if (crashed) {
            now = now.plusMillis(10);
            begin();
            if (call.tool().repeatable()) {
                ledger(Phase.STARTED, call);
            } else {
                unknown = true;
                result = "Whether the call took effect is unknown.";
            }
        }
        now = now.plusMillis(100);
        ledger(Phase.COMPLETED, call);
        now = now.plusMillis(1);
        write(
                new RunEvent.ToolCompleted(
                        turn,
                        call.tool().modelName(),
                        ContentPart.ToolResult.text("call_" + call.key(), result, unknown),
                        Duration.ofMillis(100)));
        return result;
    }

    private void ledger(Phase phase, Errand.Call call) {
        history.tools.add(
                new ToolLedger.Entry(
                        now, phase, call.tool(), call.key(), History.RUN + "/call_" + call.key()));
    }

    private void end(Usage usage) {
        write(new RunEvent.RunCompleted(FinishReason.STOP, usage));
        boolean broken = errand.wavering();
        if (!broken) {
            chat(Json.MAPPER.createObjectNode(), "stop");
            history.chat.add(
                    frame(
                            seq + "-" + (offset - 1),
                            "{\"choices\":[],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d}}"
                                    .formatted(usage.input(), usage.output())));
            history.chat.add(frame("", "[DONE]"));
        } else {
            int error =
                    history.chat.indexOf(
                            history.chat.stream()
                                    .filter(frame -> frame.data().contains("error"))
                                    .findFirst()
                                    .orElseThrow());
            history.chat.subList(error + 1, history.chat.size()).clear();
        }
        history.view = new RunView("completed", text(), usage, attempt, "");
    }

    private String text() {
        return history.log.stream()
                .map(Reply::event)
                .filter(RunEvent.TurnCompleted.class::isInstance)
                .map(event -> ((RunEvent.TurnCompleted) event).message().text())
                .reduce((one, other) -> one + "\n\n" + other)
                .orElseThrow();
    }

    private void chat(ObjectNode delta, @Nullable String reason) {
        ObjectNode chunk = Json.MAPPER.createObjectNode();
        chunk.putArray("choices").addObject().put("finish_reason", reason).set("delta", delta);
        history.chat.add(frame(seq + "-" + (offset - 1), chunk.toString()));
    }

    private static SseFrame frame(String id, String data) {
        return new SseFrame(id, "", data);
    }

    private void write(RunEvent event) {
        seq++;
        put(seq, event);
    }

    /// Writes a counted event, and shows it to those who watch.
    private void put(long number, RunEvent event) {
        now = now.plusMillis(1);
        Reply reply =
                new Reply(new RunId(History.RUN), attempt, claim(attempt), number, now, event);
        history.log.add(reply);
        String type = Types.name(event);
        ObjectNode data = (ObjectNode) Json.MAPPER.valueToTree(event);
        data.put("run", History.RUN).put("seq", number).put("type", type);
        history.events.add(
                new SseFrame(number == 0 ? "" : number + "-" + offset, type, data.toString()));
        offset++;
    }
}
