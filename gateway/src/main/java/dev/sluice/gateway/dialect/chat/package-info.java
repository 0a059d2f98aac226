/// OpenAI's Chat Completions, as its published description has it: [ChatDialect] reads requests and
/// words errors, [ModelList] tells clients of the agents.
///
/// Fields that Sluice acts on are typed and checked by hand, so that a client learns what was
/// expected where; all others are carried verbatim both ways. The per-token way writes bytes
/// without a JSON tree.
@NullMarked
package dev.sluice.gateway.dialect.chat;

import org.jspecify.annotations.NullMarked;
