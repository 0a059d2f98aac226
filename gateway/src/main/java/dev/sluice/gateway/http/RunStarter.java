package dev.sluice.gateway.http;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Ask.Delivery;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.EventId;
import dev.sluice.gateway.dialect.runs.RunJson;
import dev.sluice.gateway.run.RefusedException;
import dev.sluice.gateway.run.ReplyRouter.Place;
import dev.sluice.gateway.run.RunDirectory;
import dev.sluice.gateway.run.RunPublisher.Published;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts a run for a request that has been admitted: makes it known, publishes it, and answers
/// with it. A request whose idempotency key has started a run already joins that one. One an event
/// loop.
final class RunStarter {
    private static final Logger LOG = LoggerFactory.getLogger(RunStarter.class);

    /// Bodies beyond this are read, and written, off the event loop.
    static final int LARGE = 64 * 1024;

    private static final int ACCEPTED = 202;

    private final Dialect dialect;
    private final GatewayContext gateway;
    private final Attacher attacher;
    private final boolean findable;

    /// A starter of runs that, where they are `findable`, are published once they can be found, and
    /// otherwise while they are made known.
    RunStarter(Dialect dialect, GatewayContext gateway, Attacher attacher, boolean findable) {
        this.dialect = dialect;
        this.gateway = gateway;
        this.attacher = attacher;
        this.findable = findable;
    }

    /// A request that has been admitted.
    ///
    /// @param key the id of the key that came with it; null where none is needed
    record Admitted(
            RoutingContext routing,
            Context context,
            Ask ask,
            @Nullable String key,
            Duration timeout,
            @Nullable IdempotencyKey idempotency) {
        boolean repeatable() {
            return idempotency != null;
        }
    }

    /// A run that is about to be started.
    private record Start(Admitted admitted, RunRequest request, Place place) {}

    void start(Admitted admitted) {
        Failure away = attacher.away();
        // Whether a request that may be a repetition starts a run is not known yet.
        Failure not = away != null || admitted.repeatable() ? away : busy(admitted);
        if (not != null) {
            refuse(admitted, not);
            return;
        }
        Instant accepted = gateway.clock().instant();
        Place place = attacher.nextPlace();
        RunRequest request =
                request(
                        admitted,
                        id(admitted, accepted),
                        place,
                        accepted,
                        gateway.redis().now().plus(admitted.timeout()));
        Start start = new Start(admitted, request, place);
        int watchers = admitted.ask().delivery() instanceof Delivery.Receipt ? 0 : 1;
        if (findable || admitted.repeatable()) {
            startOnce(start, watchers);
        } else {
            begin(start, false);
        }
    }

    private @Nullable Failure busy(Admitted admitted) {
        return gateway.backlog().refusal(admitted.ask().terms().lane());
    }

    private RunId id(Admitted admitted, Instant accepted) {
        IdempotencyKey key = admitted.idempotency();
        return key == null
                ? RunId.at(accepted.toEpochMilli())
                : key.run(admitted.key(), admitted.routing().normalizedPath());
    }

    private RunRequest request(
            Admitted admitted, RunId run, Place place, Instant accepted, Instant deadline) {
        Ask ask = admitted.ask();
        return new RunRequest(
                run,
                ask.agent(),
                admitted.key(),
                ask.messages(),
                ask.tools(),
                ask.parameters(),
                ask.terms().metadata(),
                onDisconnect(admitted),
                ask.terms().background(),
                ask.terms().lane(),
                place.partition(),
                place.from(),
                0,
                accepted,
                deadline);
    }

    /// A client that names its request for a repetition means to come back for the answer.
    private OnDisconnect onDisconnect(Admitted admitted) {
        Ask ask = admitted.ask();
        OnDisconnect asked = ask.terms().onDisconnect();
        if (asked != null) {
            return asked;
        }
        AgentConfig agent = gateway.config().agents().get(ask.agent());
        boolean returns =
                ask.terms().background()
                        || ask.delivery() instanceof Delivery.Receipt
                        || admitted.repeatable();
        return returns || agent == null ? OnDisconnect.CONTINUE : agent.onDisconnect();
    }

    private void startOnce(Start start, int watchers) {
        Admitted admitted = start.admitted();
        Buffer body = Objects.requireNonNull(admitted.routing().body().buffer());
        offLoop(admitted, () -> admitted.repeatable() ? IdempotencyKey.digest(body) : "")
                .compose(digest ->
                        gateway.runs()
                                .register(start.request(), digest, watchers, admitted.context()))
                .map(registered -> {
                    switch (registered) {
                        case NEW -> beginKnown(start);
                        case JOINED -> join(start);
                        case CONFLICT -> refuse(admitted, new Failure.IdempotencyConflict());
                        case UNSURE -> refuse(admitted, RunDirectory.notKnownYet());
                    }
                    return registered;
                })
                .onFailure(admitted.routing()::fail);
    }

    private void beginKnown(Start start) {
        Failure busy = start.admitted().repeatable() ? busy(start.admitted()) : null;
        if (busy == null) {
            begin(start, true);
        } else {
            withdraw(start.request());
            refuse(start.admitted(), busy);
        }
    }

    /// Begins a run that is `known` already, or is to be made known beside its publishing.
    private void begin(Start start, boolean known) {
        switch (start.admitted().ask().delivery()) {
            case Delivery.Awaited awaited -> follow(start, awaited, known);
            case Delivery.Receipt _ -> {
                Unfollowed unfollowed =
                        attacher.await(
                                start.request(), start.place(), start.admitted().routing().vertx());
                publish(start, start.request())
                        .onSuccess(published -> handOut(start, unfollowed, published));
            }
        }
    }

    private void follow(Start start, Delivery.Awaited delivery, boolean known) {
        Admitted admitted = start.admitted();
        RunRequest request = start.request();
        Answer answer =
                attacher.follow(
                        admitted.routing(),
                        dialect,
                        Watched.started(
                                request, admitted.repeatable(), gateway.config().run().retention()),
                        start.place(),
                        delivery);
        if (answer == null) {
            if (known) {
                withdraw(request);
            }
            return;
        }
        if (!known) {
            makeKnown(request);
        }
        gateway.backlog().add(request);
        publish(start, request)
                .onSuccess(published -> {
                    switch (published) {
                        case Published.Taken _ -> {}
                        case Published.Refused(Failure failure) -> {
                            withdraw(request);
                            answer.refuse(failure);
                        }
                        case Published.Unknown(Failure failure) -> {
                            uncount(start);
                            answer.refuse(failure);
                        }
                    }
                });
    }

    /// Nobody waits for it: a worker that claims the run says the same.
    private void makeKnown(RunRequest request) {
        gateway.states()
                .register(request, "", 1)
                .exceptionally(failure -> {
                    LOG.atDebug()
                            .addKeyValue("runId", request.run())
                            .setCause(failure)
                            .log("a run could not be made known");
                    return null;
                });
    }

    private void handOut(Start start, Unfollowed unfollowed, Published published) {
        if (!(published instanceof Published.Taken)) {
            unfollowed.done();
        }
        switch (published) {
            case Published.Taken _ ->
                    Responses.json(
                            start.admitted()
                                    .routing()
                                    .response()
                                    .setStatusCode(ACCEPTED)
                                    .putHeader(
                                            RequestHeaders.RUN_ID, start.request().run().value()),
                            RunJson.of(RunEntry.of(start.request())));
            case Published.Refused(Failure failure) -> {
                withdraw(start.request());
                refuse(start.admitted(), failure);
            }
            case Published.Unknown(Failure failure) -> refuse(start.admitted(), failure);
        }
    }

    /// Counts a client no more that is told to ask again, and will be counted again then.
    private void uncount(Start start) {
        if (start.admitted().repeatable()
                && start.request().onDisconnect() == OnDisconnect.CANCEL) {
            gateway.watchers().released(start.request().run());
        }
    }

    /// Takes back what was made known of a run that nobody was told of.
    private void withdraw(RunRequest request) {
        gateway.states()
                .withdraw(request)
                .exceptionally(failure -> {
                    LOG.atDebug()
                            .addKeyValue("runId", request.run())
                            .setCause(failure)
                            .log("a run could not be taken back");
                    return null;
                });
    }

    private void join(Start start) {
        Admitted admitted = start.admitted();
        gateway.meters().joined();
        admitted.routing().response().putHeader(RequestHeaders.REPLAYED, "true");
        gateway.runs()
                .find(start.request().run().value(), admitted.key(), admitted.context())
                .compose(run -> offered(start, run))
                .map(run -> {
                    switch (admitted.ask().delivery()) {
                        case Delivery.Awaited awaited ->
                                attacher.attach(
                                        admitted.routing(), dialect, run, awaited, EventId.START);
                        case Delivery.Receipt _ ->
                                RunsHandler.answer(gateway, admitted.routing(), ACCEPTED, run);
                    }
                    return run;
                })
                .onFailure(admitted.routing()::fail);
    }

    /// Publishes a run that nobody may have published. A second offer of it is refused by its
    /// claim.
    private Future<RunEntry> offered(Start start, RunEntry run) {
        if (!run.unpublished(gateway.redis().now())) {
            return Future.succeededFuture(run);
        }
        RunRequest request =
                request(
                        start.admitted(),
                        run.run(),
                        new Place(run.partition(), run.from()),
                        run.accepted(),
                        run.deadline());
        // Where Redis forgot that it was claimed, there may be a journal to read first.
        return publish(start, run.offer() == null ? request : request.above(1))
                .compose(published ->
                        failure(published)
                                .<Future<RunEntry>>map(failure ->
                                        Future.failedFuture(new RefusedException(failure)))
                                .orElseGet(() -> Future.succeededFuture(run)));
    }

    private static Optional<Failure> failure(Published published) {
        return switch (published) {
            case Published.Taken _ -> Optional.empty();
            case Published.Refused(Failure failure) -> Optional.of(failure);
            case Published.Unknown(Failure failure) -> Optional.of(failure);
        };
    }

    private Future<Published> publish(Start start, RunRequest request) {
        Admitted admitted = start.admitted();
        RoutingContext routing = admitted.routing();
        return offLoop(admitted, () -> RunCodec.encode(request))
                .compose(value ->
                        gateway.publisher()
                                .publish(
                                        request,
                                        value,
                                        admitted.repeatable(),
                                        Routes.requestId(routing),
                                        Routes.trace(routing),
                                        admitted.context()))
                .otherwise(thrown -> {
                    LOG.atError()
                            .addKeyValue("runId", request.run())
                            .setCause(thrown)
                            .log("a run could not be published");
                    return new Published.Refused(new Failure.Internal());
                })
                .onSuccess(published -> log(routing, request, failure(published)));
    }

    private static void log(RoutingContext routing, RunRequest request, Optional<Failure> failure) {
        LOG.atInfo()
                .addKeyValue("requestId", Routes.requestId(routing))
                .addKeyValue("runId", request.run())
                .addKeyValue("agent", request.agent())
                .addKeyValue("key", request.key())
                .addKeyValue(
                        "status", failure.map(f -> f.getClass().getSimpleName()).orElse("accepted"))
                .log("run published");
    }

    /// What takes long for a large body is done off the event loop.
    private static <T> Future<T> offLoop(Admitted admitted, Supplier<T> work) {
        RoutingContext routing = admitted.routing();
        return routing.body().length() <= LARGE
                ? Future.succeededFuture(work.get())
                : routing.vertx().executeBlocking(work::get, false).map(Objects::<T>requireNonNull);
    }

    private void refuse(Admitted admitted, Failure failure) {
        Responses.error(admitted.routing().response(), dialect.error(failure, false));
    }
}
