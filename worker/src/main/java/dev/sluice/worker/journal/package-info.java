/// The journal of a run's attempt on the reply topic.
@NullMarked
package dev.sluice.worker.journal;

import org.jspecify.annotations.NullMarked;
