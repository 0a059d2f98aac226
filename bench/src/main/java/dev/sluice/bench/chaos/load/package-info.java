/// The clients: they start runs, follow them over whatever connections they are left, and note what
/// they were shown.
@NullMarked
package dev.sluice.bench.chaos.load;

import org.jspecify.annotations.NullMarked;
