/// `./sluice bench start`: how long `./sluice up` takes until it serves, and how much memory it has
/// when it has nothing to do.
@NullMarked
package dev.sluice.bench.start;

import org.jspecify.annotations.NullMarked;
