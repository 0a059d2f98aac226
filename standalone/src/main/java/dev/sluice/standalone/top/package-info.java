/// `./sluice top`: the fleet of a gateway, live in a terminal.
@NullMarked
package dev.sluice.standalone.top;

import org.jspecify.annotations.NullMarked;
