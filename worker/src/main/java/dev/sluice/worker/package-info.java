/// The side that executes runs. [WorkerApp] puts it together.
@NullMarked
package dev.sluice.worker;

import org.jspecify.annotations.NullMarked;
