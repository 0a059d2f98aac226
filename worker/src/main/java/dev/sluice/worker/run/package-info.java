/// The run engine: turns and tool rounds, in plain sequential code on one virtual thread a run.
///
/// It knows neither Vert.x nor Kafka nor MCP: [Model] is what it needs of a provider, [Toolbox]
/// what it needs of tools, [Journal] where it says what happened.
@NullMarked
package dev.sluice.worker.run;

import org.jspecify.annotations.NullMarked;
