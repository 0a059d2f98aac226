/// The fleet that chaos comes over: a broker, Redis, gateways, workers, the scripted model and the
/// tools, on ports that they keep when they are started again.
@NullMarked
package dev.sluice.bench.chaos.fleet;

import org.jspecify.annotations.NullMarked;
