package dev.sluice.bench.load;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/// Percentiles of times, in milliseconds.
///
/// @param count how many times there were; 0: the others mean nothing
public record Percentiles(long count, double p50, double p95, double p99, double max) {
    static Percentiles of(Histogram nanos) {
        return new Percentiles(
                nanos.getTotalCount(),
                millis(nanos.getValueAtPercentile(50)),
                millis(nanos.getValueAtPercentile(95)),
                millis(nanos.getValueAtPercentile(99)),
                millis(nanos.getMaxValue()));
    }

    private static double millis(long nanos) {
        return (double) nanos / TimeUnit.MILLISECONDS.toNanos(1);
    }

    /// By how much each percentile is above another's. It is no percentile of anything, but it is
    /// what clients notice: how much later the slowest hundredth is.
    public Percentiles minus(Percentiles other) {
        return new Percentiles(
                Math.min(count, other.count),
                p50 - other.p50,
                p95 - other.p95,
                p99 - other.p99,
                max - other.max);
    }

    /// The median over rounds, of each percentile by itself.
    public static Percentiles median(List<Percentiles> rounds) {
        return new Percentiles(
                rounds.stream().mapToLong(Percentiles::count).sum(),
                median(rounds, Percentiles::p50),
                median(rounds, Percentiles::p95),
                median(rounds, Percentiles::p99),
                median(rounds, Percentiles::max));
    }

    /// The median over rounds of what [#minus] says of each round's.
    public static Percentiles added(List<Percentiles> rounds, List<Percentiles> baseline) {
        return median(
                IntStream.range(0, rounds.size())
                        .mapToObj(i -> rounds.get(i).minus(baseline.get(i)))
                        .toList());
    }

    /// The median of some number of each of several things; of an even number of them the mean of
    /// the two in the middle.
    public static <T> double median(List<T> of, ToDoubleFunction<T> number) {
        double[] sorted = of.stream().mapToDouble(number).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[half]
                : Arrays.stream(sorted, half - 1, half + 1).average().orElseThrow();
    }
}
