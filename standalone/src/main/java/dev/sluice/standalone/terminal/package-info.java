/// What is written to terminals.
@NullMarked
package dev.sluice.standalone.terminal;

import org.jspecify.annotations.NullMarked;
