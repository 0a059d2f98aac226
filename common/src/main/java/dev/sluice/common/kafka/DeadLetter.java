package dev.sluice.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/// A record that nobody could do anything with, and why. On the dead-letter topic it keeps its key,
/// value and headers; what this record says beside them stands in further headers.
///
/// @param id names the letter: the same record laid aside twice has the same id
/// @param kind what the record is
/// @param reason why it is here
/// @param from where it stood, or where it was to go
/// @param key the record's key: the id of a run or a job
/// @param value the record's value; null where it is too large to be kept
/// @param headers the record's own headers
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
public record DeadLetter(
        String id,
        Kind kind,
        String reason,
        Place from,
        @Nullable String key,
        byte @Nullable [] value,
        List<Header> headers) {
    private static final String ID = "letter";
    private static final String KIND = "kind";
    private static final String REASON = "reason";
    private static final String TOPIC = "original_topic";
    private static final String PARTITION = "original_partition";
    private static final String OFFSET = "original_offset";
    private static final String REDRIVEN = "redriven";
    private static final String TRUNCATED = "truncated";
    private static final Set<String> OURS =
            Set.of(ID, KIND, REASON, TOPIC, PARTITION, OFFSET, REDRIVEN, TRUNCATED);
    private static final int LONGEST_KEY = 255;
    private static final int LONGEST_REASON = 2_000;

    public DeadLetter {
        headers =
                List.copyOf(headers).stream()
                        .filter(header -> !OURS.contains(header.key()))
                        .toList();
    }

    /// What a dead letter is.
    public enum Kind {
        /// The offer of a run that too many workers died of.
        RUN,
        /// A record on the jobs topic that is no job, or none that may be run.
        JOB,
        /// The result of a job that could not be delivered.
        RESULT;

        /// The name that the header has for it.
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A place in a topic.
    ///
    /// @param partition null where any will do
    /// @param offset null where there is none yet
    public record Place(String topic, @Nullable Integer partition, @Nullable Long offset) {
        /// Where a record stands.
        public static Place of(ConsumerRecord<?, ?> record) {
            return new Place(record.topic(), record.partition(), record.offset());
        }
    }

    /// The letter of a record that is laid aside.
    public static DeadLetter of(
            String id, Kind kind, String reason, ConsumerRecord<String, byte[]> record) {
        return new DeadLetter(
                id,
                kind,
                reason,
                Place.of(record),
                record.key(),
                record.value(),
                Arrays.asList(record.headers().toArray()));
    }

    /// The letter of something of which there is nothing left but its key.
    public static DeadLetter empty(String id, Kind kind, String reason, Place from, String key) {
        return new DeadLetter(id, kind, reason, from, key, null, List.of());
    }

    /// The letter that stands on the dead-letter topic. One that an earlier version wrote has fewer
    /// headers: it is the offer of a run.
    public static DeadLetter read(ConsumerRecord<String, byte[]> record) {
        Headers headers = record.headers();
        String topic = text(headers, TOPIC).orElse("");
        return new DeadLetter(
                text(headers, ID).orElseGet(() -> String.valueOf(record.key())),
                kind(text(headers, KIND).orElse("")),
                text(headers, REASON).orElse(""),
                new Place(
                        topic,
                        text(headers, PARTITION).map(Integer::valueOf).orElse(null),
                        text(headers, OFFSET).map(Long::valueOf).orElse(null)),
                record.key(),
                record.value(),
                Arrays.asList(headers.toArray()));
    }

    private static Kind kind(String name) {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.wireName().equals(name))
                .findFirst()
                .orElse(Kind.RUN);
    }

    /// Whether a record on the dead-letter topic says of the letter with its id that its record was
    /// published again.
    public static boolean redriven(ConsumerRecord<String, byte[]> record) {
        return text(record.headers(), REDRIVEN).isPresent();
    }

    /// Whether a letter on the dead-letter topic lacks its record's contents, which were too large.
    public static boolean truncated(ConsumerRecord<String, byte[]> record) {
        return text(record.headers(), TRUNCATED).isPresent();
    }

    /// The same without the record's contents and headers.
    public DeadLetter facts() {
        return new DeadLetter(id, kind, reason, from, key, null, List.of());
    }

    /// The record for the dead-letter topic.
    public ProducerRecord<String, byte[]> record(Topics topics) {
        ProducerRecord<String, byte[]> letter = record(topics, null, value, headers);
        // Only what others wrote to the jobs topic may be a record that never had any.
        return value == null && kind != Kind.JOB ? truncated(letter) : letter;
    }

    /// The same without its contents, which are too large.
    public ProducerRecord<String, byte[]> withoutValue(Topics topics) {
        return truncated(record(topics, null, null, headers));
    }

    /// The same with nothing of the record but the beginning of its key: this always fits.
    public ProducerRecord<String, byte[]> bare(Topics topics) {
        return truncated(
                new DeadLetter(
                                id,
                                kind,
                                cut(reason, LONGEST_REASON),
                                from,
                                key == null ? null : cut(key, LONGEST_KEY),
                                null,
                                List.of())
                        .record(topics));
    }

    private static ProducerRecord<String, byte[]> truncated(ProducerRecord<String, byte[]> letter) {
        letter.headers().remove(TRUNCATED);
        header(letter, TRUNCATED, "true");
        return letter;
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest);
    }

    /// The record for the dead-letter topic which says that the letter's was published again.
    ///
    /// @param partition that of the letter, behind which it must stand
    public ProducerRecord<String, byte[]> marker(Topics topics, int partition) {
        ProducerRecord<String, byte[]> marker = record(topics, partition, null, List.of());
        header(marker, REDRIVEN, "true");
        return marker;
    }

    private ProducerRecord<String, byte[]> record(
            Topics topics,
            @Nullable Integer partition,
            byte @Nullable [] contents,
            List<Header> own) {
        List<Header> all = new ArrayList<>(own);
        ProducerRecord<String, byte[]> letter =
                new ProducerRecord<>(topics.deadLetter(), partition, key, contents, all);
        header(letter, ID, id);
        header(letter, KIND, kind.wireName());
        header(letter, REASON, reason);
        header(letter, TOPIC, from.topic());
        if (from.partition() != null) {
            header(letter, PARTITION, from.partition().toString());
        }
        if (from.offset() != null) {
            header(letter, OFFSET, from.offset().toString());
        }
        return letter;
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
        record.headers().add(new RecordHeader(name, value.getBytes(UTF_8)));
    }

    /// A header's text, that of the last one of its name.
    public static Optional<String> text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }
}
