package dev.sluice.gateway.http.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditEvent.HttpFacts;
import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.run.Failure;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the audit stream of requests that were refused because of whose they are: as many a second
/// as people can make sense of, so that whoever knocks without end fills no disk. Safe for any
/// thread; nothing blocks.
public final class Denials {
    private static final Logger LOG = LoggerFactory.getLogger(Denials.class);
    private static final int MOST_A_SECOND = 100;

    private final AuditLog log;
    private final String process;
    private final Clock clock;
    private final AtomicLong arrived = new AtomicLong();
    private final Map<String, Budget> budgets = new HashMap<>();
    private long second;

    /// Of one reason: whoever knocks without a key must not hide who came with another's.
    private static final class Budget {
        private int told;
        private long omitted;
    }

    /// @param process names this process, as none before it and none beside it is named
    /// @param clock tells when a second is over
    public Denials(AuditLog log, String process, Clock clock) {
        this.log = log;
        this.process = process;
        this.clock = clock;
    }

    /// A request that may come to be denied or limited.
    ///
    /// @param number which one it is of those that this process got; its client may use its
    ///   `x-request-id` again
    public record Request(long number, HttpFacts facts) {}

    /// The number of a request that has just arrived.
    public long arrived() {
        return arrived.incrementAndGet();
    }

    /// Why a request was denied, and whose it was, as far as that is known.
    public record Denial(String reason, int status, @Nullable String key, @Nullable String agent) {
        /// No key came with it, or none that is known, or one that has expired.
        ///
        /// @param expired the id of the key that has expired
        public static Denial unauthenticated(boolean presented, @Nullable String expired) {
            String reason = expired != null ? "expired_key" : presented ? "invalid_key" : "no_key";
            return new Denial(reason, 401, expired, null);
        }

        /// The key may not use the agent.
        public static Denial agent(String key, String agent) {
            return new Denial("agent_not_admitted", 404, key, agent);
        }

        /// The key may not administer.
        public static Denial admin(String key) {
            return new Denial("not_an_admin", 403, key, null);
        }

        /// No key is configured for the source of a job.
        public static Denial source(String agent) {
            return new Denial("source_not_admitted", 403, null, agent);
        }

        /// The run is another key's.
        public static Denial run(@Nullable String key) {
            return new Denial("not_the_runs_key", 404, key, null);
        }
    }

    /// Tells of a request that was denied.
    public void denied(Denial denial, Request request) {
        denied(denial, of(request), denial.status(), request.facts(), null, null);
    }

    /// Tells of a job that was denied.
    ///
    /// @param job its id
    /// @param source who submitted it, as it says
    public void denied(Denial denial, String job, String source) {
        denied(denial, of(job, source), null, null, job, source);
    }

    private void denied(
            Denial denial,
            String name,
            @Nullable Integer status,
            @Nullable HttpFacts request,
            @Nullable String job,
            @Nullable String source) {
        Long left = take(denial.reason());
        if (left != null) {
            write(
                    name + "/denied",
                    new Subject(null, denial.key(), denial.agent(), job),
                    new AuditEvent.RequestDenied(
                            denial.reason(), status, request, source, orNull(left)));
        }
    }

    /// Tells of a request of a key that had used up its own.
    public void limited(
            Failure.RateLimited failure, @Nullable String key, String agent, Request request) {
        Long left = take("limited");
        if (left != null) {
            write(
                    of(request) + "/limited",
                    new Subject(null, key, agent, null),
                    new AuditEvent.RequestLimited(
                            failure.limit(),
                            failure.retryAfter().toMillis(),
                            request.facts(),
                            orNull(left)));
        }
    }

    /// How many of the same reason were left out before this one; null where it is to be left out
    /// too.
    private synchronized @Nullable Long take(String reason) {
        long now = clock.millis() / 1000;
        if (now != second) {
            second = now;
            budgets.values().forEach(budget -> budget.told = 0);
        }
        Budget budget = budgets.computeIfAbsent(reason, _ -> new Budget());
        if (budget.told == MOST_A_SECOND) {
            budget.omitted++;
            return null;
        }
        budget.told++;
        long left = budget.omitted;
        budget.omitted = 0;
        return left;
    }

    private static @Nullable Long orNull(long left) {
        return left == 0 ? null : left;
    }

    private String of(Request request) {
        return "request/" + process + "/" + request.number();
    }

    /// A job's record may be read again, and is the same job then.
    private static String of(String job, String source) {
        return "job/" + UUID.nameUUIDFromBytes((source + "\n" + job).getBytes(UTF_8));
    }

    private void write(String id, Subject subject, AuditEvent event) {
        AuditRecord record = new AuditRecord(id, clock.instant(), subject, 0, event);
        log.write(record)
                .exceptionally(failure -> {
                    LOG.atDebug().setCause(failure).log("a refusal is not in the audit stream");
                    return null;
                });
    }
}
