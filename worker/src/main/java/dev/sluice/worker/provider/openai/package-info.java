/// OpenAI's [Chat Completions](https://platform.openai.com/docs/api-reference/chat) protocol as
/// JSON: [RequestBody] writes a request, [ChunkReader] reads the chunks of its answer. What both
/// sides know is mapped, everything else is carried verbatim; many endpoints are only compatible,
/// and what is known of their habits stands here. Nothing here sends, waits or retries.
@NullMarked
package dev.sluice.worker.provider.openai;

import org.jspecify.annotations.NullMarked;
