/// The tools of errands: an MCP server in a process of its own, which is never killed, and the
/// ledger of what was really called.
@NullMarked
package dev.sluice.bench.chaos.tool;

import org.jspecify.annotations.NullMarked;
