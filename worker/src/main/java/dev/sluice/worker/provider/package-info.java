/// Models behind providers: [Providers] holds the connections, [OpenAiModel] speaks OpenAI's Chat
/// Completions API, or a compatible one, as a [dev.sluice.worker.run.Model].
///
/// What a run asks for goes one way through it, per call: `RequestBody` of
/// [dev.sluice.worker.provider.openai] writes the request, an [Attempt] sends it and reads the
/// answer on the event loop, [SseParser] splits the stream, `ChunkReader` hands each chunk to the
/// run's deltas and keeps the whole of it, [ErrorReplies] says what an error means. The run's own
/// thread sleeps until the end.
@NullMarked
package dev.sluice.worker.provider;

import org.jspecify.annotations.NullMarked;
