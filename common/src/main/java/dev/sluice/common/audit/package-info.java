/// The audit stream: what happened to requests and runs, as CloudEvents for anybody to read.
@NullMarked
package dev.sluice.common.audit;

import org.jspecify.annotations.NullMarked;
