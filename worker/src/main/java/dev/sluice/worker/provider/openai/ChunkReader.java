package dev.sluice.worker.provider.openai;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.Model.Answer.Turn;
import dev.sluice.worker.run.Model.Deltas;
import dev.sluice.worker.run.Model.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Reads the chunks of one answer, hands what is new in each to the [Deltas] and keeps the whole.
/// An answer that came in one piece is read as a single chunk. Belongs to one thread.
public final class ChunkReader {
    /// What a chunk turned out to be.
    public sealed interface Step {
        /// A part of the answer: text, reasoning, a refusal, a tool call, a field of the delta that
        /// Sluice has no name for, more tokens counted, or why the answer ended.
        record Part() implements Step {}

        /// A chunk of the protocol that says nothing of the answer yet: its role, say.
        record Blank() implements Step {}

        /// An error, in the provider's own words.
        record Fault(JsonNode error) implements Step {}

        /// Nothing that the protocol knows.
        record Unreadable() implements Step {}
    }

    private static final Step PART = new Step.Part();
    private static final Step BLANK = new Step.Blank();
    private static final Step UNREADABLE = new Step.Unreadable();

    private final Deltas deltas;
    private final VerbatimFields verbatim = new VerbatimFields();
    private final CallPieces calls;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final StringBuilder refusal = new StringBuilder();
    private String model;
    private Usage usage = Usage.NONE;
    private @Nullable FinishReason finishReason;
    private boolean choiceSeen;
    private boolean handedOn;

    /// Reads the answer to `prompt`.
    public ChunkReader(Prompt prompt, Deltas deltas) {
        this.deltas = deltas;
        this.model = prompt.model();
        this.calls = new CallPieces(prompt.callIds(), deltas);
    }

    /// Reads one chunk.
    public Step read(byte[] bytes, int offset, int length) {
        JsonNode chunk;
        try {
            chunk = Json.FOREIGN.readTree(bytes, offset, length);
        } catch (JacksonException _) {
            return UNREADABLE;
        }
        if (!chunk.isObject()) {
            return UNREADABLE;
        }
        boolean part = readUsage(chunk.path("usage"));
        JsonNode error = errorIn(chunk);
        if (error != null) {
            return new Step.Fault(error);
        }
        String name = chunk.path("model").stringValue("");
        if (!name.isEmpty()) {
            model = name;
        }
        JsonNode choice = firstChoice(chunk);
        JsonNode message = choice.path("message");
        JsonNode delta = message.isObject() ? message : choice.path("delta");
        if (choice.isObject()) {
            choiceSeen = true;
            part |= readDelta(delta, message.isObject());
            part |= readFinishReason(choice.path("finish_reason"));
        }
        Map<String, JsonNode> ofChunk = verbatim.ofChunk(chunk);
        Map<String, JsonNode> ofChoice = verbatim.ofChoice(choice);
        Map<String, JsonNode> ofDelta = verbatim.ofDelta(delta);
        if (!ofChunk.isEmpty() || !ofChoice.isEmpty() || !ofDelta.isEmpty()) {
            handedOn = true;
            part |= ofDelta.values().stream().anyMatch(VerbatimFields::isFilled);
            deltas.verbatim(ofChunk, ofChoice, ofDelta);
        }
        handedOn |= part;
        return part ? PART : BLANK;
    }

    /// Whether the provider gave a reason why the answer ended.
    public boolean finished() {
        return finishReason != null;
    }

    /// Whether anything of an answer came at all.
    public boolean begun() {
        return choiceSeen;
    }

    /// Whether nothing came that was handed on or counted, so that the call may be made again.
    public boolean untouched() {
        return !handedOn && usage.equals(Usage.NONE);
    }

    /// What the provider counted until now.
    public Usage usage() {
        return usage;
    }

    /// The complete turn. To be asked for once, at the end.
    public Turn turn() {
        calls.end();
        List<ContentPart> parts = new ArrayList<>();
        if (!reasoning.isEmpty()) {
            parts.add(new ContentPart.Reasoning(reasoning.toString()));
        }
        if (!text.isEmpty()) {
            parts.add(new ContentPart.Text(text.toString()));
        }
        if (!refusal.isEmpty()) {
            parts.add(new ContentPart.Refusal(refusal.toString()));
        }
        parts.addAll(calls.calls());
        Message message = new Message(Message.Role.ASSISTANT, parts, verbatim.ofMessage());
        return new Turn(message, reasonOfTurn(), usage, model);
    }

    private boolean readDelta(JsonNode delta, boolean whole) {
        boolean part = false;
        String thought = delta.path("reasoning_content").stringValue("");
        if (thought.isEmpty()) {
            thought = delta.path("reasoning").stringValue("");
        }
        if (!thought.isEmpty()) {
            part = true;
            reasoning.append(thought);
            deltas.reasoning(thought);
        }
        String said = textOf(delta.path("content"));
        if (!said.isEmpty()) {
            part = true;
            text.append(said);
            deltas.text(said);
        }
        String refused = delta.path("refusal").stringValue("");
        if (!refused.isEmpty()) {
            part = true;
            refusal.append(refused);
            deltas.refusal(refused);
        }
        for (JsonNode piece : delta.path("tool_calls")) {
            part |= calls.add(piece, whole);
        }
        return part;
    }

    private boolean readFinishReason(JsonNode reason) {
        if (!reason.isString()) {
            return false;
        }
        finishReason =
                switch (reason.stringValue()) {
                    case "length" -> FinishReason.LENGTH;
                    case "tool_calls", "function_call" -> FinishReason.TOOL_CALLS;
                    case "content_filter" -> FinishReason.CONTENT_FILTER;
                    default -> FinishReason.STOP;
                };
        return true;
    }

    private FinishReason reasonOfTurn() {
        FinishReason given = finishReason == null ? FinishReason.STOP : finishReason;
        // Some providers say "stop" after tool calls.
        return given == FinishReason.STOP && !calls.isEmpty() ? FinishReason.TOOL_CALLS : given;
    }

    /// Whether it tells of tokens of the answer that were not counted before: some providers repeat
    /// the count with every chunk.
    private boolean readUsage(JsonNode counted) {
        if (!counted.isObject()) {
            return false;
        }
        long before = usage.output();
        usage =
                new Usage(
                        tokens(counted.path("prompt_tokens")),
                        tokens(counted.path("completion_tokens")),
                        tokens(counted.path("prompt_tokens_details").path("cached_tokens")),
                        tokens(counted.path("completion_tokens_details").path("reasoning_tokens")));
        return usage.output() > before;
    }

    private static long tokens(JsonNode count) {
        return Math.max(0, count.longValue(0));
    }

    private static @Nullable JsonNode errorIn(JsonNode chunk) {
        JsonNode error = chunk.path("error");
        if ((error.isObject() && !error.isEmpty()) || !error.stringValue("").isEmpty()) {
            return error;
        }
        boolean isError = chunk.path("object").stringValue("").equals("error");
        boolean endsInError =
                firstChoice(chunk).path("finish_reason").stringValue("").equals("error");
        return isError || endsInError ? chunk : null;
    }

    /// The choice of index 0: Sluice never asks for more than one.
    private static JsonNode firstChoice(JsonNode chunk) {
        for (JsonNode choice : chunk.path("choices")) {
            if (choice.path("index").intValue(0) == 0) {
                return choice;
            }
        }
        return MissingNode.getInstance();
    }

    /// Content is a text as a rule; some providers send a list of parts.
    private static String textOf(JsonNode content) {
        if (!content.isArray()) {
            return content.stringValue("");
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            text.append(part.path("text").stringValue(""));
        }
        return text.toString();
    }
}
