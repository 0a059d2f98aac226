/// The processes: a broker, Redis, gateways, workers, the scripted model and the tools, on ports of
/// 127.0.0.1 that they keep when they are started again. None outlives this JVM.
@NullMarked
package dev.sluice.bench.chaos.fleet;

import org.jspecify.annotations.NullMarked;
