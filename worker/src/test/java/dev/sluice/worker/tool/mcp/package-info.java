@NullMarked
package dev.sluice.worker.tool.mcp;

import org.jspecify.annotations.NullMarked;
