/// The Redis side that gateway and worker share: the connection, Lua scripts, and the state of
/// runs.
@NullMarked
package dev.sluice.common.redis;

import org.jspecify.annotations.NullMarked;
