package dev.sluice.embedded.model.rule;

/// One rule of a script: which requests it answers, how fast, and what with.
///
/// @param name what the journal calls it
/// @param when the requests it answers
/// @param pace how fast the answer streams
/// @param reply the answer
public record Rule(String name, When when, Pace pace, Reply reply) {}
