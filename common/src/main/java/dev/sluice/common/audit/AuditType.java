package dev.sluice.common.audit;

import java.util.Arrays;
import java.util.Optional;

/// A kind of event on the audit stream, by the name that its CloudEvents have as their `type`.
public enum AuditType {
    /// The gateway took a request, which is a run from now on.
    RUN_ACCEPTED("run.accepted", AuditEvent.RunAccepted.class),
    /// A worker began the run's first attempt.
    RUN_STARTED("run.started", AuditEvent.RunStarted.class),
    /// No worker had the run any more, and it waited for another.
    RUN_WAITING("run.waiting", AuditEvent.RunWaiting.class),
    /// A worker took the run up where another had left it.
    RUN_RESUMED("run.resumed", AuditEvent.RunResumed.class),
    /// The run came to its end as it should.
    RUN_COMPLETED("run.completed", AuditEvent.RunEnded.class),
    /// The run failed.
    RUN_FAILED("run.failed", AuditEvent.RunEnded.class),
    /// The run was cancelled.
    RUN_CANCELLED("run.cancelled", AuditEvent.RunEnded.class),
    /// A turn of the model came to its end.
    TURN_COMPLETED("turn.completed", AuditEvent.TurnCompleted.class),
    /// A turn of the model broke off.
    TURN_CUT("turn.cut", AuditEvent.TurnCut.class),
    /// A call of a server-side tool came to its end.
    TOOL_CALLED("tool.called", AuditEvent.ToolCalled.class),
    /// Somebody asked for what they may not have.
    REQUEST_DENIED("request.denied", AuditEvent.RequestDenied.class),
    /// A key had used up its requests.
    REQUEST_LIMITED("request.limited", AuditEvent.RequestLimited.class);

    private static final String PREFIX = "dev.sluice.";

    private final String shortName;
    private final String wireName;
    private final Class<? extends AuditEvent> data;

    AuditType(String shortName, Class<? extends AuditEvent> data) {
        this.shortName = shortName;
        this.wireName = "dev.sluice." + shortName;
        this.data = data;
    }

    /// The kind of that name, in its long form or its short one.
    public static Optional<AuditType> named(String name) {
        String shortName = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        return Arrays.stream(values()).filter(one -> one.shortName.equals(shortName)).findFirst();
    }

    /// The CloudEvents' `type`: `dev.sluice.run.accepted`.
    public String wireName() {
        return wireName;
    }

    /// The same for people: `run.accepted`.
    public String shortName() {
        return shortName;
    }

    /// Whether this is a run's end.
    public boolean ends() {
        return data == AuditEvent.RunEnded.class;
    }

    Class<? extends AuditEvent> data() {
        return data;
    }
}
