/// The commands of `./sluice`, one class each: their options, what they print, their exit status.
///
/// A command neither reads the process's environment nor ends it: it gets a [Console] and a
/// [Lifetime].
@NullMarked
package dev.sluice.standalone.cli;

import org.jspecify.annotations.NullMarked;
