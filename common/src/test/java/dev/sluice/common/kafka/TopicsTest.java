package dev.sluice.common.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    private final Topics topics = new Topics("sluice");

    @ParameterizedTest
    @ValueSource(
            strings = {"sluice.runs.batch", "sluice.jobs", "sluice.dead-letter", "sluice.audit"})
    void whatSluicesPartsTellEachOtherIsInternal(String topic) {
        assertThat(topics.internal(topic)).isTrue();
    }

    @Test
    void resultsAndTheTopicsOfOthersAreNot() {
        assertThat(topics.internal(topics.results())).isFalse();
        assertThat(topics.internal("shop.answers")).isFalse();
        assertThat(topics.internal("sluices.answers")).isFalse();
    }
}
