/// `./sluice bench throughput`: how many runs a second there can be, by number of workers, and what
/// each costs in CPU time of each part.
@NullMarked
package dev.sluice.bench.throughput;

import org.jspecify.annotations.NullMarked;
