@NullMarked
package dev.sluice.worker.tool;

import org.jspecify.annotations.NullMarked;
