/// Runs as the gateway sees them: published to Kafka, followed on the reply topic, cancelled. A
/// connection is only a cursor on a run.
@NullMarked
package dev.sluice.gateway.run;

import org.jspecify.annotations.NullMarked;
