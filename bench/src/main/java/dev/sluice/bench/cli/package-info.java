/// The commands of `./sluice bench`, one class each.
@NullMarked
package dev.sluice.bench.cli;

import org.jspecify.annotations.NullMarked;
