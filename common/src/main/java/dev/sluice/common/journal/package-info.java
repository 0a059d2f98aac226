/// Reading back what stands in the log: records of a topic, and of the reply topic one run's
/// journal.
@NullMarked
package dev.sluice.common.journal;

import org.jspecify.annotations.NullMarked;
