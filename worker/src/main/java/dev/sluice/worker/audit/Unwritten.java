package dev.sluice.worker.audit;

import dev.sluice.common.audit.AuditLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;

/// The events of one run that the audit stream does not certainly have: held, under way, or failed.
/// Safe for any thread; nothing blocks.
final class Unwritten {
    private final AuditLog log;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<AuditLog.Entry, CompletableFuture<Void>> underWay = new LinkedHashMap<>();
    private final List<AuditLog.Entry> held = new ArrayList<>();

    Unwritten(AuditLog log) {
        this.log = log;
    }

    /// Keeps an event until something else is sent.
    void hold(AuditLog.Entry entry) {
        locked(() -> held.add(entry));
    }

    /// Sends what is held.
    void flush() {
        locked(this::sendHeld);
    }

    /// Sends an event, after what is held.
    void send(AuditLog.Entry entry) {
        locked(() -> {
            held.add(entry);
            sendHeld();
        });
    }

    /// Sends what is held and what failed, and completes when all of it is written, or
    /// exceptionally where something could not be.
    CompletionStage<Void> settled() {
        lock.lock();
        try {
            underWay.entrySet().stream()
                    .filter(sent -> sent.getValue().isCompletedExceptionally())
                    .map(Map.Entry::getKey)
                    .forEach(held::add);
            sendHeld();
            return CompletableFuture.allOf(underWay.values().toArray(CompletableFuture<?>[]::new));
        } finally {
            lock.unlock();
        }
    }

    private void sendHeld() {
        List<AuditLog.Entry> entries = List.copyOf(held);
        held.clear();
        for (AuditLog.Entry entry : entries) {
            CompletableFuture<Void> written = log.write(entry).toCompletableFuture();
            underWay.put(entry, written);
            written.thenRun(() -> locked(() -> underWay.remove(entry, written)));
        }
    }

    private void locked(Runnable step) {
        lock.lock();
        try {
            step.run();
        } finally {
            lock.unlock();
        }
    }
}
