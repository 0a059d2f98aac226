package dev.sluice.bench.chaos.load;

import dev.sluice.bench.chaos.script.Errand;
import dev.sluice.bench.chaos.script.Errands;
import dev.sluice.bench.chaos.seen.Absence;
import dev.sluice.bench.chaos.seen.AcceptedRun;
import dev.sluice.bench.chaos.seen.ChatReading;
import dev.sluice.bench.chaos.seen.EventReading;
import dev.sluice.bench.chaos.seen.Reading;
import dev.sluice.bench.chaos.seen.RunView;
import dev.sluice.bench.chaos.seen.Sighting;
import dev.sluice.common.run.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// One client: it does one errand after the other, in one of the ways there are, until it is told
/// to stop.
final class Client implements Runnable {
    /// How long a run may take before its client calls it stuck.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// How long a run may be missed before its client believes that it is gone.
    private static final Duration GONE = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofMillis(300);
    private static final RandomGeneratorFactory<RandomGenerator> RANDOMS =
            RandomGeneratorFactory.of("L64X128MixRandom");
    private static final String CHAT = "/v1/chat/completions";
    private static final String RUNS = "/v1/runs";

    private final RandomGenerator random;
    private final Errands errands;
    private final Gateways gateways;
    private final Ledger ledger;
    private final BooleanSupplier stopping;
    private final Asking asking;
    private final Following following;

    /// @param name names it in nonces and keys
    /// @param seed of all that it does
    Client(String name, long seed, Gateways gateways, Ledger ledger, BooleanSupplier stopping) {
        this.random = RANDOMS.create(seed);
        this.errands = new Errands(name, RANDOMS.create(seed + 1));
        this.gateways = gateways;
        this.ledger = ledger;
        this.stopping = stopping;
        this.asking = new Asking(gateways, ledger, random);
        this.following = new Following(gateways, RANDOMS.create(seed + 2));
    }

    /// The ways to start a run.
    private enum Way {
        /// A chat stream.
        CHAT,
        /// A run in the background.
        BACKGROUND,
        /// A stream of the run's events.
        STREAM
    }

    @Override
    public void run() {
        try {
            while (!stopping.getAsBoolean()) {
                Errand errand = random.nextInt(5) < 2 ? errands.talk() : errands.work();
                switch (random.nextInt(5)) {
                    case 0, 1 -> start(Way.CHAT, errand, random.nextBoolean());
                    case 2 -> start(Way.STREAM, errand, random.nextBoolean());
                    default -> start(Way.BACKGROUND, errand, true);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void start(Way way, Errand errand, boolean keyed) throws InterruptedException {
        Deadline deadline = Deadline.in(PATIENCE);
        String path = way == Way.CHAT ? CHAT : RUNS;
        switch (asking.ask(path, body(way, errand), keyed ? errand.nonce() : null, deadline)) {
            case Asked.Refused _ -> {
                ledger.refused();
                Thread.sleep(PAUSE);
            }
            case Asked.Unanswered _ -> {
                ledger.unanswered();
                Thread.sleep(PAUSE);
            }
            case Asked.Accepted accepted -> {
                ledger.accepted(accepted.run());
                FutureTask<Boolean> change = change(way, accepted.run(), deadline);
                List<Sighting> sightings = watch(way, accepted, deadline);
                Absence absence = new Absence();
                RunView view = view(accepted.run(), absence, deadline);
                ledger.done(
                        new AcceptedRun(
                                accepted.run(),
                                way.name(),
                                errand,
                                sightings,
                                view,
                                absence.longest(),
                                outcome(change)));
            }
        }
    }

    /// One background run in four is cancelled by its client.
    private FutureTask<Boolean> change(Way way, String run, Deadline deadline) {
        Change change = new Change(gateways, ledger, RANDOMS.create(random.nextLong()));
        FutureTask<Boolean> task =
                way == Way.BACKGROUND && random.nextInt(4) == 0
                        ? new FutureTask<>(() -> change.make(run, deadline))
                        : new FutureTask<>(() -> false);
        Thread.ofVirtual().name("cancelling " + run).start(task);
        return task;
    }

    private boolean outcome(FutureTask<Boolean> change) throws InterruptedException {
        try {
            return change.get();
        } catch (ExecutionException e) {
            ledger.complain("a cancellation failed: " + e.getCause());
            return false;
        }
    }

    private static String body(Way way, Errand errand) {
        ObjectNode body =
                Json.MAPPER
                        .createObjectNode()
                        .put("model", errand.rounds().isEmpty() ? "talker" : "worker");
        body.putArray("messages").addObject().put("role", "user").put("content", errand.prompt());
        switch (way) {
            case CHAT -> {
                body.put("stream", true);
                body.putObject("stream_options").put("include_usage", true);
            }
            case STREAM -> body.put("stream", true).put("on_disconnect", "continue");
            case BACKGROUND ->
                    body.put("background", true).putObject("metadata").put("n", errand.nonce());
        }
        return body.toString();
    }

    /// Follows a run as its starter, and one run in four a second time beside that, from a little
    /// later on and with a client that hangs up now and then.
    private List<Sighting> watch(Way way, Asked.Accepted accepted, Deadline deadline)
            throws InterruptedException {
        String run = accepted.run();
        HttpResponse<InputStream> first = way == Way.BACKGROUND ? null : accepted.answer();
        Reading reading = way == Way.CHAT ? new ChatReading(run) : new EventReading(run);
        Following.Target target =
                way == Way.CHAT ? Following.Target.chat(run) : Following.Target.events(run);
        List<Sighting> sightings = new ArrayList<>();
        @Nullable FutureTask<Sighting> beside = null;
        if (random.nextInt(4) == 0) {
            Following other = new Following(gateways, RANDOMS.create(random.nextLong()));
            int late = random.nextInt(2_000);
            beside =
                    new FutureTask<>(() -> {
                        Thread.sleep(late);
                        return other.follow(
                                new EventReading(run),
                                Following.Target.events(run),
                                null,
                                0,
                                true,
                                deadline);
                    });
            Thread.ofVirtual().name("beside " + run).start(beside);
        }
        sightings.add(
                following.follow(reading, target, first, accepted.gateway(), false, deadline));
        if (beside != null) {
            try {
                sightings.add(beside.get());
            } catch (ExecutionException e) {
                ledger.complain("a watcher of " + run + " failed: " + e.getCause());
            }
        }
        return sightings;
    }

    /// What is told of the run once it has ended; null if that is not before the time is up.
    private @Nullable RunView view(String run, Absence absence, Deadline deadline)
            throws InterruptedException {
        int gateway = random.nextInt(gateways.count());
        @Nullable RunView last = null;
        while (true) {
            try {
                HttpResponse<InputStream> answer =
                        gateways.get(gateway, RUNS + "/" + run, Map.of());
                String body = gateways.text(answer);
                if (answer.statusCode() == 200) {
                    absence.found();
                    last = RunView.parse(body);
                    if (last.ended()) {
                        return last;
                    }
                } else if (answer.statusCode() == 404) {
                    absence.missed();
                } else if (answer.statusCode() != 503) {
                    ledger.complain(
                            "GET %s got status %d: %s".formatted(run, answer.statusCode(), body));
                    return null;
                }
            } catch (IOException | JacksonException _) {
                gateway = (gateway + 1) % gateways.count();
            }
            if (deadline.passed() || absence.longest().compareTo(GONE) > 0) {
                return last;
            }
            Thread.sleep(PAUSE);
        }
    }
}
