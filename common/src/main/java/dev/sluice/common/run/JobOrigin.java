package dev.sluice.common.run;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where a run that a record on the jobs topic asked for came from, and where its result is to go.
///
/// @param id the job's own name, under which its result is delivered
/// @param source who submitted it, as the record says; empty where it does not
/// @param replyTopic the topic that takes the result; null for the results topic
/// @param replyPartition the partition there; null for that of the job's id
/// @param correlationId what the submitter wants to find in the result again; null where there is
///   nothing
/// @param cloudEvent whether the job was a CloudEvent, so that its result is one too
/// @param digest that of what it asks for, whatever its bytes are; null where that is not known
public record JobOrigin(
        String id,
        String source,
        @Nullable String replyTopic,
        @Nullable Integer replyPartition,
        @Nullable String correlationId,
        boolean cloudEvent,
        @Nullable String digest) {
    public JobOrigin {
        Objects.requireNonNull(id, "id");
        source = source == null ? "" : source;
    }

    /// One that does not say what it asks for.
    public JobOrigin(
            String id,
            String source,
            @Nullable String replyTopic,
            @Nullable Integer replyPartition,
            @Nullable String correlationId,
            boolean cloudEvent) {
        this(id, source, replyTopic, replyPartition, correlationId, cloudEvent, null);
    }
}
