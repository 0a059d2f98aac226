package dev.sluice.bench.chaos.script;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// One client's errands, as its random numbers make them. Belongs to one thread.
public final class Errands {
    private static final List<String> WORDS =
            List.of(
                    ("amber anchor apple arrow autumn basin beacon birch bridge brook candle canyon"
                                    + " cedar cloud cobalt copper coral cotton crane dawn delta"
                                    + " ember falcon fern field fjord flint garden glacier granite"
                                    + " harbor hazel heron island ivory jasmine juniper kettle"
                                    + " lantern lemon linen maple marble meadow mirror moss nectar"
                                    + " oak ocean olive opal orchid pearl pine plum prairie quartz"
                                    + " raven reed river saffron sage slate sluice spruce stone"
                                    + " summit thistle tide timber valley velvet violet walnut"
                                    + " willow winter zephyr – naïve café")
                            .split(" "));

    private static final int FEWEST = 60;
    private static final int MOST = 200;
    private static final int IN_PREFACE = 24;
    private static final int LONGEST_CALL = 900;

    /// One errand in that many wavers.
    private static final int WAVERING = 6;

    private final String client;
    private final RandomGenerator random;
    private int made;

    /// @param client names the client in nonces
    public Errands(String client, RandomGenerator random) {
        this.client = client;
        this.random = random;
    }

    /// An errand without tools.
    public Errand talk() {
        return errand(0);
    }

    /// An errand of two to four turns, all but the last with tools.
    public Errand work() {
        return errand(1 + random.nextInt(ModelScript.ROUNDS));
    }

    private Errand errand(int rounds) {
        String nonce = client + "x" + ++made;
        boolean wavering = random.nextInt(WAVERING) == 0;
        return new Errand(
                nonce,
                IntStream.range(0, rounds).mapToObj(number -> round(nonce, number)).toList(),
                answer(nonce, wavering),
                wavering);
    }

    private Errand.Round round(String nonce, int number) {
        List<ToolKind> tools =
                ModelScript.PATTERNS.get(random.nextInt(ModelScript.PATTERNS.size()));
        return new Errand.Round(
                nonce + " " + words(2 + random.nextInt(IN_PREFACE)),
                IntStream.range(0, tools.size())
                        .mapToObj(i ->
                                new Errand.Call(
                                        tools.get(i),
                                        "%s-%d-%d".formatted(nonce, number, i),
                                        Duration.ofMillis(20 + random.nextInt(LONGEST_CALL))))
                        .toList());
    }

    private String answer(String nonce, boolean wavering) {
        int words = FEWEST + random.nextInt(MOST - FEWEST);
        if (!wavering) {
            return nonce + " " + words(words);
        }
        return nonce
                + IntStream.range(0, Errand.MARKS)
                        .mapToObj(_ -> " " + words(words / Errand.MARKS) + " " + Errand.MARK)
                        .collect(Collectors.joining());
    }

    private String words(int number) {
        return IntStream.range(0, number)
                .mapToObj(_ -> WORDS.get(random.nextInt(WORDS.size())))
                .collect(Collectors.joining(" "));
    }
}
