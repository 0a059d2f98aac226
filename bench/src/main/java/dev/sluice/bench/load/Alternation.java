package dev.sluice.bench.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was measured of several sides under several loads: in each round every side once under
/// every load, one after the other, in an order that rotates. So what changes on the machine in the
/// course of a trial meets all sides alike, and what was measured in one round may be compared.
///
/// @param <L> the loads, in the order of the table
/// @param <S> the sides, in the order of the table
/// @param <T> what is measured
public final class Alternation<L, S, T> {
    private final Map<L, Map<S, List<T>>> rounds = new LinkedHashMap<>();

    private Alternation() {}

    /// Measures a side under a load.
    ///
    /// @param <L> the loads
    /// @param <S> the sides
    /// @param <T> what is measured
    @FunctionalInterface
    public interface Measurement<L, S, T> {
        /// Takes as long as it takes.
        T measure(L load, S side, int round) throws InterruptedException;
    }

    /// Goes through all rounds.
    ///
    /// @param <L> the loads
    /// @param <S> the sides
    /// @param <T> what is measured
    public static <L, S, T> Alternation<L, S, T> of(
            int rounds, List<L> loads, List<S> sides, Measurement<L, S, T> measurement)
            throws InterruptedException {
        var all = new Alternation<L, S, T>();
        for (L load : loads) {
            Map<S, List<T>> ofLoad = new LinkedHashMap<>();
            sides.forEach(side -> ofLoad.put(side, new ArrayList<>()));
            all.rounds.put(load, ofLoad);
        }
        for (int round = 0; round < rounds; round++) {
            for (L load : loads) {
                for (int i = 0; i < sides.size(); i++) {
                    S side = sides.get((round + i) % sides.size());
                    all.of(load, side).add(measurement.measure(load, side, round));
                }
            }
        }
        return all;
    }

    /// What was measured, round by round.
    public List<T> of(L load, S side) {
        return rounds.getOrDefault(load, Map.of()).getOrDefault(side, List.of());
    }
}
