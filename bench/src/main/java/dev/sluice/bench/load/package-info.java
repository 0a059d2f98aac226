/// The load generator: what is asked, of whom, in which pattern, and what is counted.
///
/// All of it lives on one event loop, so that it counts without locks and costs little beside what
/// it measures. Times are taken where bytes arrive, by the monotonic clock, and go into
/// HdrHistograms with three significant digits.
@NullMarked
package dev.sluice.bench.load;

import org.jspecify.annotations.NullMarked;
