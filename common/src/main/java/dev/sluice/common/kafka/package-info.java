/// The Kafka side that gateway and worker share: topics and what they must be able to hold, and the
/// properties of clients.
@NullMarked
package dev.sluice.common.kafka;

import org.jspecify.annotations.NullMarked;
