/// What the commands about jobs and dead letters do: they speak to Kafka and to nothing else.
@NullMarked
package dev.sluice.standalone.job;

import org.jspecify.annotations.NullMarked;
