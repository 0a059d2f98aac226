package dev.sluice.bench.chaos.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;

/// Makes the faults that a seed stands for.
public final class Schedule {
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(300);
    private static final int PAUSE_SPREAD = 1_700;

    /// Longer than a lease of 2.5 s and its margin.
    private static final Duration SHORTEST_STOP = Duration.ofMillis(3_500);

    private static final int STOP_SPREAD = 2_500;
    private static final Duration SHORTEST_ABSENCE = Duration.ofMillis(100);
    private static final int ABSENCE_SPREAD = 1_900;

    private Schedule() {}

    /// The faults, in order. A longer schedule of the same seed begins with a shorter one.
    public static List<Fault> of(long seed, int faults, Mix mix) {
        RandomGenerator random =
                RandomGeneratorFactory.<RandomGenerator>of("L64X128MixRandom").create(seed);
        return Stream.generate(() -> deck(random, mix.kinds()))
                .flatMap(List::stream)
                .limit(faults)
                .map(kind -> fault(random, kind))
                .toList();
    }

    private static Fault fault(RandomGenerator random, FaultKind kind) {
        int target = random.nextInt(1 << 16);
        Duration pause = SHORTEST_PAUSE.plusMillis(random.nextInt(PAUSE_SPREAD));
        Duration stop = SHORTEST_STOP.plusMillis(random.nextInt(STOP_SPREAD));
        Duration absence = SHORTEST_ABSENCE.plusMillis(random.nextInt(ABSENCE_SPREAD));
        return new Fault(kind, target, pause, kind == FaultKind.WORKER_PAUSE ? stop : absence);
    }

    /// The kinds in a random order, each as often as its weight has it: dealt from such decks even
    /// a short schedule is a fair mix.
    private static List<FaultKind> deck(RandomGenerator random, List<FaultKind> kinds) {
        List<FaultKind> deck = new ArrayList<>();
        kinds.forEach(kind -> deck.addAll(Collections.nCopies(kind.weight(), kind)));
        Collections.shuffle(deck, random);
        return deck;
    }
}
