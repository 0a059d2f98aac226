/// The vocabulary that gateway and worker share: what a client asks for ([RunRequest]), what a run
/// did ([RunEvent], in a [Reply]), why it failed ([Failure]), and how each becomes bytes.
///
/// A dialect translates into these types once on the way in and out of them once on the way out;
/// the worker knows nothing else. Kafka values are versioned and append-only: a reader ignores
/// fields that it does not know.
@NullMarked
package dev.sluice.common.run;

import org.jspecify.annotations.NullMarked;
