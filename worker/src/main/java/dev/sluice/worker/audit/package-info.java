/// What a worker tells the audit stream of its runs.
@NullMarked
package dev.sluice.worker.audit;

import org.jspecify.annotations.NullMarked;
