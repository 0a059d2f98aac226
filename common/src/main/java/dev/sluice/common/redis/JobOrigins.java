package dev.sluice.common.redis;

import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunId;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/// To whom beside its own job the result of a run is to go: repetitions of the job that want it
/// elsewhere. They stand in the run's entry. Safe for any thread; nothing blocks.
public final class JobOrigins {
    private static final LuaScript ORIGINS = RunStates.script("origins.lua");

    /// How many a run may have.
    private static final String MOST = "16";

    private final Redis redis;
    private final RunStates states;

    /// Those of the runs that `states` knows.
    public JobOrigins(Redis redis, RunStates states) {
        this.redis = redis;
        this.states = states;
    }

    /// What noting one came to.
    public enum Noted {
        /// The run's result will go there as well.
        NOTED,
        /// As many are noted as may be.
        FULL,
        /// The run has come to its end, which is yet to be noted in its entry.
        TOLD,
        /// The run has ended.
        ENDED,
        /// There is no such run.
        UNKNOWN
    }

    /// Notes a repetition of a run's job.
    public CompletionStage<Noted> note(RunId run, JobOrigin repetition) {
        return ORIGINS.run(
                        redis.commands(),
                        new String[] {states.key(run)},
                        Json.MAPPER.writeValueAsString(repetition),
                        MOST)
                .thenApply(answer ->
                        Noted.valueOf(((String) answer.getFirst()).toUpperCase(Locale.ROOT)));
    }

    /// The repetitions of the job of a run that has come to its end. None is noted from then on.
    public CompletionStage<List<JobOrigin>> close(RunId run) {
        return ORIGINS.run(redis.commands(), new String[] {states.key(run)}, "", MOST)
                .thenApply(answer ->
                        answer.stream()
                                .skip(1)
                                .map(json -> Json.MAPPER.readValue((String) json, JobOrigin.class))
                                .toList());
    }
}
