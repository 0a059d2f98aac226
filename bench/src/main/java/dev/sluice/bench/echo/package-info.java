/// The bare echo: what two hops over Kafka cost by themselves, whatever a gateway and a worker do.
///
/// A record goes to a process of its own through a share group and another comes back to an
/// `assign()` consumer: the way of a run through the same broker, with the clients' settings that
/// Sluice has and records of the size that Sluice's have.
@NullMarked
package dev.sluice.bench.echo;

import org.jspecify.annotations.NullMarked;
