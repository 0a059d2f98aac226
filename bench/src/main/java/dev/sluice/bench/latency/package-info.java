/// `./sluice bench latency`: what Sluice adds to the time until the first token and until the whole
/// answer, beside what two hops over the same Kafka cost by themselves.
@NullMarked
package dev.sluice.bench.latency;

import org.jspecify.annotations.NullMarked;
