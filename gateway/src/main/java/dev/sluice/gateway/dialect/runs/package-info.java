/// Sluice's own API of runs: a run as an object, and its events, where OpenAI has no shape for
/// them. What it has one for (messages, usage, errors) is in that shape.
@NullMarked
package dev.sluice.gateway.dialect.runs;

import org.jspecify.annotations.NullMarked;
