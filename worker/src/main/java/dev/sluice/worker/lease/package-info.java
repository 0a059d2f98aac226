/// Whose runs are whose: a worker's lease and its beat, and what becomes of runs whose worker is
/// gone or whose entry in Redis is lost.
@NullMarked
package dev.sluice.worker.lease;

import org.jspecify.annotations.NullMarked;
