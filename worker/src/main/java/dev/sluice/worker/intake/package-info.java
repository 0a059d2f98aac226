/// How runs come to this worker and leave it: the share group, the claim, slots, cancellation,
/// drain.
@NullMarked
package dev.sluice.worker.intake;

import org.jspecify.annotations.NullMarked;
