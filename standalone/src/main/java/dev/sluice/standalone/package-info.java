/// The process behind `./sluice`: reads the environment, runs a command, and decides how the
/// process ends.
@NullMarked
package dev.sluice.standalone;

import org.jspecify.annotations.NullMarked;
