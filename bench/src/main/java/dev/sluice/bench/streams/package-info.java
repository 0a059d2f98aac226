/// `./sluice bench streams`: what many streams at once add to the first token and between tokens,
/// whether any is lost, and what they cost.
@NullMarked
package dev.sluice.bench.streams;

import org.jspecify.annotations.NullMarked;
