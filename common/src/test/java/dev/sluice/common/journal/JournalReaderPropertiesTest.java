package dev.sluice.common.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.Chronicle;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.clients.consumer.ConsumerRecord;

class JournalReaderPropertiesTest {
    private static final RunId RUN = new RunId("run_chronicle");
    private static final long FROM = 5;

    /// A log in memory, in which every other record is another run's, read in pieces of a few.
    private static final class Memory implements Log {
        private static final int PIECE = 7;
        private final List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();

        Memory(List<Reply> replies) {
            for (Reply reply : replies) {
                add(RUN.value(), reply);
                add("run_another", reply);
            }
        }

        private void add(String key, Reply reply) {
            records.add(
                    new ConsumerRecord<>(
                            "replies", 0, FROM + records.size(), key, RunCodec.encode(reply)));
        }

        /// Where the reply stands that was the log's `index`-th.
        static long offset(int index) {
            return FROM + 2L * index;
        }

        long end() {
            return FROM + records.size();
        }

        @Override
        public CompletionStage<Chunk> read(int partition, long from, long to, RunId run) {
            long next = Math.min(Math.min(to, end()), from + PIECE);
            return CompletableFuture.completedStage(
                    new Chunk(
                            records.stream()
                                    .filter(it -> it.offset() >= from && it.offset() < next)
                                    .filter(it -> it.key().equals(run.value()))
                                    .toList(),
                            next));
        }

        @Override
        public CompletionStage<List<ConsumerRecord<String, byte[]>>> at(
                int partition, List<Long> offsets) {
            return CompletableFuture.completedStage(
                    records.stream().filter(it -> offsets.contains(it.offset())).toList());
        }
    }

    private static History read(Memory log, List<StepOffset> index, long to) {
        return new JournalReader(log).read(RUN, 0, FROM, index, to).toCompletableFuture().join();
    }

    private static List<StepOffset> index(Chronicle chronicle) {
        List<StepOffset> index = new ArrayList<>();
        for (int position : chronicle.indexed()) {
            index.add(new StepOffset(index.size() + 1, Memory.offset(position)));
        }
        return index;
    }

    private static void assertSame(History indexed, History scanned) {
        assertThat(indexed.steps()).isEqualTo(scanned.steps());
        assertThat(indexed.open()).isEqualTo(scanned.open());
        assertThat(indexed.end()).isEqualTo(scanned.end());
        assertThat(indexed.rule().last()).isEqualTo(scanned.rule().last());
        assertThat(indexed.rule().attempt()).isEqualTo(scanned.rule().attempt());
    }

    @Property
    void theIndexLeadsToWhatAScanOfTheWholeLogFinds(
            @ForAll @Size(max = 60) List<@IntRange(max = 99) Integer> choices) {
        Chronicle chronicle = Chronicle.of(choices);
        Memory log = new Memory(chronicle.log());

        assertSame(read(log, index(chronicle), log.end()), read(log, List.of(), log.end()));
    }

    @Property
    void anIndexThatLostEntriesLeadsThereToo(
            @ForAll @Size(max = 60) List<@IntRange(max = 99) Integer> choices,
            @ForAll @Size(max = 10) List<@IntRange(max = 20) Integer> lost) {
        Chronicle chronicle = Chronicle.of(choices);
        Memory log = new Memory(chronicle.log());
        List<StepOffset> index = new ArrayList<>(index(chronicle));
        index.removeIf(step -> lost.contains(step.ordinal()));

        assertSame(read(log, index, log.end()), read(log, List.of(), log.end()));
    }

    @Property
    void nothingBeyondTheGivenPointIsRead(
            @ForAll @Size(max = 60) List<@IntRange(max = 99) Integer> choices,
            @ForAll @IntRange(max = 60) int length) {
        Chronicle chronicle = Chronicle.of(choices);
        int upTo = Math.min(length, chronicle.log().size());
        Memory log = new Memory(chronicle.log());
        Memory shorter = new Memory(chronicle.log().subList(0, upTo));

        assertSame(
                read(log, index(chronicle), Memory.offset(upTo)),
                read(shorter, List.of(), shorter.end()));
    }

    @Property
    void anIndexThatLeadsElsewhereIsNotFollowed(
            @ForAll @Size(max = 40) List<@IntRange(max = 99) Integer> choices,
            @ForAll @Size(max = 6) List<@IntRange(max = 120) Integer> anywhere) {
        Chronicle chronicle = Chronicle.of(choices);
        Memory log = new Memory(chronicle.log());
        List<StepOffset> index = new ArrayList<>();
        for (int offset : anywhere) {
            // Never a record of this run: those stand at every other offset.
            index.add(new StepOffset(index.size() + 1, Memory.offset(offset) + 1));
        }

        assertSame(read(log, index, log.end()), read(log, List.of(), log.end()));
    }
}
