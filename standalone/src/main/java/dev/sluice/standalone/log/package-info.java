/// What a process writes about itself, on standard error: quiet until the configuration is known,
/// then as its `log` section says.
@NullMarked
package dev.sluice.standalone.log;

import org.jspecify.annotations.NullMarked;
