/// The chaos bench: keeps runs going, does faults to the processes under them, and examines
/// afterwards that nobody noticed more than is promised.
@NullMarked
package dev.sluice.bench.chaos;

import org.jspecify.annotations.NullMarked;
