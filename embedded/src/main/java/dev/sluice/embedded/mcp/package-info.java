/// A small MCP server with honest tools, for the demo and for tests, over stdio, streamable HTTP
/// and the older HTTP with SSE.
///
/// The protocol is the MCP Java SDK's. Its own HTTP transports need a servlet container, and none
/// of its transports lets a client cancel a call or page a listing; the transports here run on
/// Vert.x and do both. What the SDK does happens on virtual threads, never on an event loop.
///
/// Specification: <https://modelcontextprotocol.io/specification/2025-11-25>
@NullMarked
package dev.sluice.embedded.mcp;

import org.jspecify.annotations.NullMarked;
