package dev.sluice.embedded.model;

import dev.sluice.embedded.model.Received.End;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The last requests a scripted model got. Thread-safe; the lock is held for moments only.
final class Journal {

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Entry> entries = new ArrayDeque<>();
    private int limit;
    private long count;

    Journal(Clock clock, int limit) {
        this.clock = clock;
        this.limit = limit;
    }

    /// Keeps `newLimit` requests from now on.
    void limit(int newLimit) {
        locked(() -> {
            limit = newLimit;
            trim();
        });
    }

    void clear() {
        locked(entries::clear);
    }

    Entry add(Map<String, String> headers, JsonNode body) {
        lock.lock();
        try {
            Entry entry = new Entry(++count, clock.instant(), headers, body);
            entries.addLast(entry);
            trim();
            changed.signalAll();
            return entry;
        } finally {
            lock.unlock();
        }
    }

    List<Received> received() {
        lock.lock();
        try {
            return entries.stream().map(Entry::received).toList();
        } finally {
            lock.unlock();
        }
    }

    /// The first request that satisfies `which`, waited for; empty when the time is up.
    Optional<Received> await(Predicate<? super Received> which, long nanos)
            throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (true) {
                Optional<Received> found =
                        entries.stream().map(Entry::received).filter(which).findFirst();
                if (found.isPresent() || left <= 0) {
                    return found;
                }
                // Chunk counts change without a signal: look again from time to time.
                long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(20));
                left -= slice - changed.awaitNanos(slice);
            }
        } finally {
            lock.unlock();
        }
    }

    private void trim() {
        while (entries.size() > limit) {
            entries.removeFirst();
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// One request while it is being answered.
    final class Entry {

        private final long number;
        private final Instant at;
        private final Map<String, String> headers;
        private final JsonNode body;
        private @Nullable String rule;
        private int ruleIndex = -1;
        private int status;
        private volatile long chunks;
        private @Nullable JsonNode usage;
        private End end = End.ANSWERING;
        private @Nullable Instant ended;

        private Entry(long number, Instant at, Map<String, String> headers, JsonNode body) {
            this.number = number;
            this.at = at;
            this.headers = Map.copyOf(headers);
            this.body = body;
        }

        long number() {
            return number;
        }

        Instant at() {
            return at;
        }

        void matched(String name, int index) {
            locked(() -> {
                rule = name;
                ruleIndex = index;
            });
        }

        void status(int code) {
            locked(() -> status = code);
        }

        void chunks(long sent) {
            chunks = sent;
        }

        void usage(@Nullable JsonNode told) {
            locked(() -> usage = told);
        }

        void hanging() {
            locked(() -> {
                if (ended == null) {
                    end = End.HANGING;
                }
            });
        }

        /// The first end counts.
        void end(End how) {
            locked(() -> {
                if (ended == null) {
                    end = how;
                    ended = clock.instant();
                }
            });
        }

        private Received received() {
            return new Received(
                    number, at, headers, body, rule, ruleIndex, status, chunks, usage, end, ended);
        }
    }
}
