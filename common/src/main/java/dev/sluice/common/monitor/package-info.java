/// What an operator looks at, the same on gateway and worker: `/health`, `/ready`, `/metrics`.
@NullMarked
package dev.sluice.common.monitor;

import org.jspecify.annotations.NullMarked;
