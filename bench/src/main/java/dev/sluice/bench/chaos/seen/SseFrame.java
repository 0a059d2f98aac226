package dev.sluice.bench.chaos.seen;

/// A server-sent event.
///
/// @param id empty where it has none
/// @param event its type; empty where it has none
/// @param data its lines, joined by line feeds
public record SseFrame(String id, String event, String data) {}
