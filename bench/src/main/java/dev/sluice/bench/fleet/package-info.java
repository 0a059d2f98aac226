/// Processes of a trial: how they are started, found ready, told to end and ended, on ports of
/// 127.0.0.1. None outlives this JVM.
@NullMarked
package dev.sluice.bench.fleet;

import org.jspecify.annotations.NullMarked;
