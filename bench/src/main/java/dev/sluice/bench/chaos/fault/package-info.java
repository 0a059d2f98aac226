/// What is done to the processes: which fault when, as the seed has it, and its doing.
@NullMarked
package dev.sluice.bench.chaos.fault;

import org.jspecify.annotations.NullMarked;
