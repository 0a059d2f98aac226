/// Where an agent's tools come from: [ToolSources] holds the sources, an agent's
/// [dev.sluice.worker.run.Toolbox] names what they offer.
@NullMarked
package dev.sluice.worker.tool;

import org.jspecify.annotations.NullMarked;
