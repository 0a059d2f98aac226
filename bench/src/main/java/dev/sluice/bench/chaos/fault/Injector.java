package dev.sluice.bench.chaos.fault;

import dev.sluice.bench.chaos.fleet.Fleet;
import dev.sluice.bench.fleet.Role;
import java.time.Duration;
import java.time.Instant;

/// Does faults to a fleet, one at a time.
public final class Injector {
    private final Fleet fleet;

    public Injector(Fleet fleet) {
        this.fleet = fleet;
    }

    /// Does a fault, and returns when everything serves again.
    ///
    /// @throws dev.sluice.bench.fleet.FleetException if that does not come to be
    public Struck strike(Fault fault) throws InterruptedException {
        Thread.sleep(fault.pause());
        return switch (fault.kind()) {
            case WORKER_KILL -> kill(fault, worker(fault));
            case GATEWAY_KILL ->
                    kill(fault, fleet.gateways().get(fault.target() % fleet.gateways().size()));
            case WORKER_PAUSE -> pause(fault, worker(fault));
            case WORKER_DRAIN -> drain(fault, worker(fault));
            case REDIS_KILL -> redis(fault, false);
            case REDIS_EMPTIED -> redis(fault, true);
            case BROKER_KILL -> broker(fault);
        };
    }

    private Role worker(Fault fault) {
        return fleet.workers().get(fault.target() % fleet.workers().size());
    }

    private Struck kill(Fault fault, Role role) throws InterruptedException {
        String victim = role.identity();
        Instant at = Instant.now();
        role.kill();
        role.start();
        return back(fault, at, victim);
    }

    private Struck pause(Fault fault, Role worker) throws InterruptedException {
        Instant at = Instant.now();
        worker.signal("STOP");
        Thread.sleep(fault.lasts());
        worker.signal("CONT");
        return back(fault, at, worker.identity());
    }

    private Struck drain(Fault fault, Role worker) throws InterruptedException {
        String victim = worker.identity();
        Instant at = Instant.now();
        worker.drain();
        worker.start();
        return back(fault, at, victim);
    }

    private Struck redis(Fault fault, boolean emptied) throws InterruptedException {
        Instant at = Instant.now();
        fleet.redis().kill();
        if (emptied) {
            fleet.redis().empty();
        }
        Thread.sleep(fault.lasts());
        fleet.redis().start();
        return back(fault, at, "redis");
    }

    private Struck broker(Fault fault) throws InterruptedException {
        Instant at = Instant.now();
        fleet.broker().kill();
        Thread.sleep(fault.lasts());
        fleet.broker().start();
        return back(fault, at, "broker");
    }

    private Struck back(Fault fault, Instant at, String victim) throws InterruptedException {
        fleet.awaitReady();
        return new Struck(fault.kind(), at, victim, Duration.between(at, Instant.now()));
    }
}
