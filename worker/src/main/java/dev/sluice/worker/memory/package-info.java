/// What Redis keeps between a client's requests.
@NullMarked
package dev.sluice.worker.memory;

import org.jspecify.annotations.NullMarked;
