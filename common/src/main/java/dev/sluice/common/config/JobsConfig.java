package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Jobs that are submitted to a topic.
@Doc("Jobs that are submitted to a topic, and where their results may go.")
public record JobsConfig(
        @Doc("Whether this gateway takes jobs and delivers their results.") @Default("true")
                boolean enabled,
        @Doc(
                        "Whose rights a job has, by its source: the first entry that fits. With keys"
                                + " configured, a job that none fits is refused.")
                List<Source> sources,
        @Doc(
                        "Patterns of the topics to which a job may have its result sent with the header"
                                + " `reply_topic`, in which `*` stands for any text.")
                List<String> replyTopics,
        @Doc(
                        "How long the delivery of a result is tried again before it goes to the"
                                + " dead-letter topic.")
                @Default("1m")
                Duration resultRetry,
        @Doc(
                        "How many runs may wait for a worker before no further job is taken: jobs then"
                                + " wait on their topic.")
                @Default("1000")
                int maxWaiting) {

    /// Whose rights the jobs of a source have.
    @Doc("Whose rights the jobs of a source have.")
    public record Source(
            @Doc(
                            "A pattern of what a job says of its source, in which `*` stands for any"
                                    + " text; a job that says nothing has the source `\"\"`.")
                    String source,
            @Doc("The `id` of the key under which its jobs run.") String key,
            @Doc(
                            "Whether its jobs may ask with `priority` for the interactive lane, in which"
                                    + " runs wait that people wait for.")
                    @Default("false")
                    boolean interactive) {}

    public JobsConfig {
        sources = List.copyOf(sources);
        replyTopics = List.copyOf(replyTopics);
        new Checks()
                .that(
                        resultRetry.toMillis() >= 100
                                && resultRetry.compareTo(Duration.ofHours(1)) <= 0,
                        "result_retry",
                        "must be between 100ms and 1h")
                .that(maxWaiting >= 1, "max_waiting", "must be 1 or more")
                .done();
    }

    /// Whose rights the jobs of a source have, if anybody's.
    public Optional<Source> source(String name) {
        return sources.stream()
                .filter(entry -> ToolFilter.matches(entry.source(), name))
                .findFirst();
    }

    /// Whether a job may have its result sent to this topic.
    public boolean repliesTo(String topic) {
        return replyTopics.stream().anyMatch(pattern -> ToolFilter.matches(pattern, topic));
    }
}
