/// What clients were shown of their runs: frames, put together across connections, and every frame
/// that was lost, doubled or out of order.
@NullMarked
package dev.sluice.bench.chaos.seen;

import org.jspecify.annotations.NullMarked;
