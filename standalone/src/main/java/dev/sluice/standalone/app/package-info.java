/// The composition roots of processes that hold more than one part.
@NullMarked
package dev.sluice.standalone.app;

import org.jspecify.annotations.NullMarked;
