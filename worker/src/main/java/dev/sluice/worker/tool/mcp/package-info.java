/// The client of [MCP](https://modelcontextprotocol.io) servers.
///
/// An [McpServer] is one configured server with the one session that all runs share. Beneath it lie
/// a `Session` (handshake, listing, calls), an `Rpc` (requests and their answers) and a `Wire` (a
/// child process, or the MCP SDK's HTTP transports). The session is ours and not the SDK's client
/// because that one cannot cancel a call, keeps an entry for each call that timed out, and learns
/// nothing of a server that died; the standard input and output are ours because the SDK's
/// transport hands the worker's whole environment to the child, stops at the first line that is not
/// JSON, and hides the process. The types of the SDK and of its reactor stay inside `HttpWire`, but
/// for the list of variables a child process inherits.
@NullMarked
package dev.sluice.worker.tool.mcp;

import org.jspecify.annotations.NullMarked;
