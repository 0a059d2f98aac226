/// The process behind `./sluice bench`.
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
