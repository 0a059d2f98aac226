/// The real parts of one machine: a Kafka broker in this JVM and a Redis server as a child process.
///
/// Each part keeps its data in a folder of its own, locked while in use, and takes it up again at
/// the next start. Everything listens on 127.0.0.1 only, without passwords: these parts serve the
/// standalone, the benches and the tests, not production.
///
/// The broker logs through SLF4J, a lot. A logging configuration that wants it quiet sets
/// `org.apache.kafka` and `kafka` to `ERROR` (clients included) and `state.change.logger` to `OFF`.
/// What the Redis server prints goes to `redis.log` in its data folder.
@NullMarked
package dev.sluice.embedded;

import org.jspecify.annotations.NullMarked;
