package dev.sluice.worker.intake;

import dev.sluice.common.redis.Claim;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.TraceContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes offers of runs from a lane's share group while there is room for them, claims them, and
/// starts them.
///
/// A record is only the offer of a run: it is acknowledged as soon as the claim is decided, with
/// the next fetch where that follows at once, and never held while the run executes. What a poll
/// brings beyond the free slots is claimed all the same and waits here for its turn. A worker has
/// one intake a lane.
final class Intake implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration FAREWELL = Duration.ofSeconds(5);
    private static final Duration ROOM = Duration.ofMillis(250);
    private static final Duration REDIS_PAUSE = Duration.ofMillis(250);

    /// Of the five that a broker allows where nothing else is configured.
    private static final int MOST_DELIVERIES = 3;

    private final Lane lane;
    private final ShareConsumer<String, byte[]> consumer;
    private final WorkerContext worker;
    private final ActiveRuns active;

    /// Whether the consumer may still be fetching: from a poll that brought nothing on, until one
    /// that brings something.
    private boolean fetching;

    private volatile boolean closing;

    Intake(
            Lane lane,
            ShareConsumer<String, byte[]> consumer,
            WorkerContext worker,
            ActiveRuns active) {
        this.lane = lane;
        this.consumer = consumer;
        this.worker = worker;
        this.active = active;
    }

    /// An offer whose claim is under way.
    private record Claiming(
            ConsumerRecord<String, byte[]> offer, RunTask task, CompletionStage<Claim> claim) {}

    /// Polls until [#close()], on the thread to which the consumer belongs.
    @Override
    public void run() {
        try {
            consumer.subscribe(List.of(worker.topics().runs(lane)));
            while (!closing) {
                // What is fetched while nobody polls would be locked, and nobody's. A worker that
                // is not heard takes nothing from those that are.
                if (fetching
                        || (active.awaitRoom(lane, worker.slots(), ROOM)
                                && worker.heart().await(ROOM))) {
                    take(poll());
                } else {
                    consumer.commitAsync();
                }
            }
        } catch (WakeupException e) {
            LOG.atDebug().log("intake woken up");
        } catch (InterruptedException | RuntimeException e) {
            if (!closing) {
                LOG.atError().setCause(e).log("intake failed: this worker takes no more runs");
            }
        } finally {
            // Who is interrupted cannot leave the group.
            Thread.interrupted();
            consumer.close(FAREWELL);
        }
    }

    /// Stops taking offers. From any thread.
    void close() {
        closing = true;
        consumer.wakeup();
    }

    /// What Kafka refuses now (credentials that have expired, say) it may grant again.
    private ConsumerRecords<String, byte[]> poll() throws InterruptedException {
        try {
            return consumer.poll(POLL);
        } catch (WakeupException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.atError().setCause(e).log("offers cannot be taken; trying again");
            Thread.sleep(POLL);
            return ConsumerRecords.empty();
        }
    }

    private void take(ConsumerRecords<String, byte[]> offers) throws InterruptedException {
        fetching = offers.isEmpty();
        if (fetching) {
            return;
        }
        worker.meters().batch(offers.count());
        if (!active.hasRoom(lane, worker.slots()) || !worker.heart().fresh()) {
            giveBack(offers);
            return;
        }
        List<Claiming> claims = new ArrayList<>(offers.count());
        for (ConsumerRecord<String, byte[]> offer : offers) {
            if (deliveries(offer) > MOST_DELIVERIES) {
                publishAnew(offer);
                continue;
            }
            RunTask task = task(offer);
            if (task != null) {
                claims.add(new Claiming(offer, task, claim(task)));
            }
        }
        Iterator<Claiming> undecided = claims.iterator();
        try {
            while (undecided.hasNext()) {
                decide(undecided.next());
            }
        } finally {
            undecided.forEachRemaining(this::giveUp);
        }
    }

    /// Leaves a run to others, whatever its claim came or comes to: one that was granted has begun
    /// and hands it over itself.
    private void giveUp(Claiming claiming) {
        RunTask task = claiming.task();
        task.stop(Interruption.Reason.DRAINED);
        claiming.claim()
                .whenComplete((claim, _) -> {
                    if (!(claim instanceof Claim.Granted)) {
                        task.leave();
                        active.remove(task);
                    }
                });
    }

    /// The worker has filled while it polled, or is not heard: others may have room.
    private void giveBack(ConsumerRecords<String, byte[]> offers) throws InterruptedException {
        for (ConsumerRecord<String, byte[]> offer : offers) {
            if (deliveries(offer) > MOST_DELIVERIES) {
                publishAnew(offer);
            } else {
                consumer.acknowledge(offer, AcknowledgeType.RELEASE);
            }
        }
        consumer.commitAsync();
    }

    /// The broker archives a record that was delivered too often, and it counts those deliveries,
    /// too, that no worker looked at.
    private void publishAnew(ConsumerRecord<String, byte[]> offer) throws InterruptedException {
        try {
            worker.offers().anew(offer).toCompletableFuture().get();
            consumer.acknowledge(offer, AcknowledgeType.ACCEPT);
        } catch (ExecutionException e) {
            LOG.atWarn().addKeyValue("runId", offer.key()).setCause(e).log("not published anew");
            consumer.acknowledge(offer, AcknowledgeType.RELEASE);
        }
    }

    private static int deliveries(ConsumerRecord<String, byte[]> offer) {
        return offer.deliveryCount().orElse((short) 1);
    }

    /// The task that an offer becomes; null if it cannot be run here, and then it is acknowledged.
    private @Nullable RunTask task(ConsumerRecord<String, byte[]> offer) {
        RunRequest request;
        try {
            request = RunCodec.decodeRequest(offer.value());
        } catch (RunCodec.UndecodableException e) {
            LOG.atError()
                    .addKeyValue("topic", offer.topic())
                    .addKeyValue("partition", offer.partition())
                    .addKeyValue("offset", offer.offset())
                    .addKeyValue("problem", e.getMessage())
                    .log("an offer that this worker cannot run");
            consumer.acknowledge(
                    offer, e.laterVersion() ? AcknowledgeType.RELEASE : AcknowledgeType.REJECT);
            return null;
        }
        String claimId = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        RunTask task =
                new RunTask(
                        request,
                        claimId,
                        new RunTask.Delivery(
                                new RunEntry.Offer(lane, offer.partition(), offer.offset()),
                                deliveries(offer) > 1,
                                header(offer, RunRequest.REQUEST_ID),
                                TraceContext.of(
                                        header(offer, TraceContext.TRACEPARENT),
                                        header(offer, TraceContext.TRACESTATE))),
                        worker);
        active.add(task);
        return task;
    }

    /// Claims a run, and starts it where it is granted: at once, not when its turn has come to be
    /// acknowledged.
    private CompletionStage<Claim> claim(RunTask task) {
        return task.claim()
                .thenApply(claim -> {
                    if (claim instanceof Claim.Granted granted) {
                        task.granted(granted);
                        Thread.ofVirtual()
                                .name(task.run().value())
                                .start(() -> {
                                    try {
                                        task.execute(granted, () -> active.ended(task));
                                    } finally {
                                        active.remove(task);
                                    }
                                });
                    }
                    return claim;
                });
    }

    private void decide(Claiming claiming) throws InterruptedException {
        RunTask task = claiming.task();
        switch (await(task, claiming.claim())) {
            case Claim.Granted _ -> consumer.acknowledge(claiming.offer(), AcknowledgeType.ACCEPT);
            case Claim.Refused _ -> {
                worker.meters().refused();
                active.remove(task);
                consumer.acknowledge(claiming.offer(), AcknowledgeType.ACCEPT);
            }
            case Claim.NoLease _ -> throw new IllegalStateException("waited for a lease");
            case null -> {
                task.leave();
                active.remove(task);
                consumer.acknowledge(claiming.offer(), AcknowledgeType.RELEASE);
            }
        }
    }

    /// What a claim came to. While Redis is away, or the lease has to be begun again, it is made
    /// again and again; null once the worker closes meanwhile. A claim that was made though its
    /// answer was lost is recognised by its id.
    private @Nullable Claim await(RunTask task, CompletionStage<Claim> first)
            throws InterruptedException {
        CompletionStage<Claim> claim = first;
        while (true) {
            try {
                Claim came = claim.toCompletableFuture().get();
                if (!(came instanceof Claim.NoLease)) {
                    return came;
                }
            } catch (ExecutionException | CompletionException e) {
                LOG.atWarn().addKeyValue("runId", task.run()).setCause(e).log("claim failed");
            }
            if (closing) {
                return null;
            }
            Thread.sleep(REDIS_PAUSE);
            claim = claim(task);
        }
    }

    private static @Nullable String header(ConsumerRecord<String, byte[]> offer, String name) {
        Header header = offer.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
