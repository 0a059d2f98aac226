/// OpenAI's [Chat Completions](https://platform.openai.com/docs/api-reference/chat) protocol as the
/// scripted model needs it: [RequestCheck] finds what the API would refuse, [ChatRequest] reads the
/// rest, [ApiError] is an error's body, [Tokens] cuts and counts texts.
@NullMarked
package dev.sluice.embedded.model.chat;

import org.jspecify.annotations.NullMarked;
