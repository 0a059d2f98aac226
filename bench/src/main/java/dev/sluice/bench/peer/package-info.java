/// `./sluice bench peer`: any other OpenAI-compatible server in front of the same model, under the
/// same load as Sluice, in one table.
@NullMarked
package dev.sluice.bench.peer;

import org.jspecify.annotations.NullMarked;
