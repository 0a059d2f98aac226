package dev.sluice.common.run;

import java.time.Instant;

/// One record of the reply topic: an event of a run, and who says so.
///
/// @param run the run, which is the record's key as well
/// @param attempt which execution of the run this is, from 1
/// @param claim names the claim under which it executes: two workers that both believe to be
///   attempt 2 differ in it
/// @param seq the event's number in the run, from 1 and without gaps over the events that count; 0
///   for an [RunEvent.AttemptStarted] and a [RunEvent.CancelRequested]
/// @param at when it happened by the worker's clock, to the millisecond
public record Reply(RunId run, int attempt, String claim, long seq, Instant at, RunEvent event) {}
