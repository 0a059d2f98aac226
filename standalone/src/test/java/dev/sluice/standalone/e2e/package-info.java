/// The whole of Sluice, end to end: real clients on the one side, the scripted model and an MCP
/// server on the other, a real Kafka and Redis between.
package dev.sluice.standalone.e2e;
