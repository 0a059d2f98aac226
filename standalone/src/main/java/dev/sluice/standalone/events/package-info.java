/// The audit stream for somebody who watches it in a terminal.
@NullMarked
package dev.sluice.standalone.events;

import org.jspecify.annotations.NullMarked;
