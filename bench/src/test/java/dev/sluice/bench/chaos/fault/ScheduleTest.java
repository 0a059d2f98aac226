package dev.sluice.bench.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScheduleTest {
    @Test
    void aSeedStandsForItsFaults() {
        List<Fault> shorter = Schedule.of(7, 20, Mix.ALL);

        assertThat(Schedule.of(7, 50, Mix.ALL)).startsWith(shorter.toArray(Fault[]::new));
        assertThat(Schedule.of(8, 20, Mix.ALL)).isNotEqualTo(shorter);
    }

    @Test
    void aMixHasEveryKind() {
        assertThat(Schedule.of(1, 100, Mix.ALL).stream().map(Fault::kind))
                .containsAll(EnumSet.allOf(FaultKind.class));
    }

    @ParameterizedTest
    @EnumSource(Mix.class)
    void oneKindIsThatKind(Mix mix) {
        assertThat(Schedule.of(1, 100, mix).stream().map(Fault::kind).collect(Collectors.toSet()))
                .hasSameElementsAs(mix.kinds());
    }

    @Test
    void aPauseOutlastsALease() {
        assertThat(Schedule.of(1, 100, Mix.PAUSE))
                .allMatch(fault -> fault.lasts().compareTo(Duration.ofSeconds(3)) > 0);
    }
}
