package dev.sluice.common.config.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class BinderTest {
    record Numbers(
            @Default("1") long big, @Default("0.5") double ratio, @Default("1s") Duration pause) {}

    record Range(int min, int max, @Default("x") String name) {
        Range {
            new Checks()
                    .that(min >= 0, "min", "must not be negative")
                    .that(max >= min, "max", "must not be below min", "min")
                    .that(!name.equals("bad"), null, "is bad", "name")
                    .done();
        }
    }

    record Ranges(Range first, @Nullable Range second, List<Range> rest) {}

    record Holder(
            String name,
            @Nullable Range limits,
            Range needed,
            List<String> tags,
            JsonNode extra,
            Instant at) {
        Holder {
            new Checks()
                    .that(name.length() > 3, "name", "must be longer")
                    .that(name.startsWith("a"), "name", "must begin with a")
                    .that(tags.size() < 2, "tags", "must be one at the most")
                    .that(limits == null, null, "must be without limits", "limits")
                    .that(needed.max() < 5, null, "is too wide")
                    .done();
        }
    }

    record Buggy(@Default("1") int value) {
        Buggy {
            Integer.parseInt("not a number, whatever the value " + value);
        }
    }

    private final Findings findings = new Findings("f");

    @Test
    void wideAndFractionalNumbersAreRead() {
        assertThat(bind(Numbers.class, "{ big: '9000000000', ratio: 1e-3 }"))
                .isEqualTo(new Numbers(9_000_000_000L, 0.001, Duration.ofSeconds(1)));
        assertThat(findings.problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", ".inf", "1d", "0x1p3", "1e999", "many"})
    void whatIsNoFiniteDecimalIsRefused(String ratio) {
        bind(Numbers.class, "ratio: " + ratio);

        assertThat(findings.problems())
                .containsExactly(new Problem("f:1", "ratio", ratio, "must be a number"));
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S, 500ms",
        "30s, PT30S, 30s",
        "90s, PT1M30S, 1m30s",
        "1h30m, PT1H30M, 1h30m",
        "7d, PT168H, 168h",
        "1d2h3m4s5ms, PT26H3M4.005S, 26h3m4s5ms",
        "PT2M, PT2M, 2m",
        "PT0.0001S, PT0.0001S, PT0.0001S",
        "-PT1S, PT-1S, PT-1S",
        "0, PT0S, 0s"
    })
    void aDurationIsReadAndSpelled(String text, Duration duration, String spelled) {
        assertThat(bind(Numbers.class, "pause: " + text)).isEqualTo(new Numbers(1, 0.5, duration));
        assertThat(ScalarTypes.spelled(duration)).isEqualTo(spelled);
    }

    @ParameterizedTest
    @ValueSource(strings = {"30", "s", "30 s", "1m1h", "5min", "''", "1.5s", "-5s", "37000d"})
    void whatIsNoDurationIsRefused(String text) {
        bind(Numbers.class, "pause: " + text);

        assertThat(findings.problems()).hasSize(1);
    }

    @Test
    void everyRuleOfEveryRecordIsJudged() {
        bind(
                Ranges.class,
                """
                first: { min: -1, max: -2, nam: bad }
                rest:
                  - { min: 5, max: 4 }
                  - { min: x, max: 4 }
                  - { max: 4, name: bad }
                """);

        assertThat(findings.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "f:1: first.nam: unknown key, did you mean name?",
                        "f:1: first.min: -1 must not be negative",
                        "f:3: rest[0].max: 4 must not be below min",
                        "f:4: rest[1].min: x must be a whole number",
                        "f:5: rest[2].min: is required",
                        "f:5: rest[2]: is bad");
    }

    @Test
    void aBadValueHidesNoneOfItsRecordsOtherRules() {
        bind(
                Holder.class,
                """
                name: bc
                limits: 5
                needed: { min: one, max: 9, name: bad }
                tags: [a, b]
                at: noon
                """);

        assertThat(findings.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "f:1: extra: is required",
                        "f:1: name: bc must be longer",
                        "f:1: name: bc must begin with a",
                        "f:1: is too wide",
                        "f:2: limits: must be a mapping, is a single value",
                        "f:3: needed.min: one must be a whole number",
                        "f:3: needed: is bad",
                        "f:4: tags: must be one at the most",
                        "f:5: at: noon must be a time such as 2027-01-31T00:00:00Z");
    }

    @Test
    void whatStandsInForAnAbsentRecordIsNotComplainedAbout() {
        bind(Ranges.class, "{ second: [], rest: 7 }");

        assertThat(findings.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "f:1: first: is required",
                        "f:1: second: must be a mapping, is a list",
                        "f:1: rest: must be a list, is a single value");
    }

    @Test
    void aRecordWhoseRulesDoNotHoldIsBoundForTheRulesAboveIt() {
        Ranges ranges =
                Objects.requireNonNull(bind(Ranges.class, "first: { min: 5, max: 4, name: bad }"));

        assertThat(ranges.first().max()).isEqualTo(4);
        assertThat(findings.problems()).hasSize(2);
        assertThatThrownBy(() -> new Range(-1, -2, "bad"))
                .isInstanceOf(Refusal.class)
                .hasMessage("min must not be negative, max must not be below min, is bad");
    }

    @Test
    void anExceptionThatIsNoRefusalIsABug() {
        assertThatThrownBy(() -> bind(Buggy.class, "{}"))
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(NumberFormatException.class);
    }

    @Test
    void aLongValueIsCut() {
        bind(Numbers.class, "big: " + "9".repeat(100));

        assertThat(findings.problems())
                .extracting(Problem::value)
                .containsExactly("9".repeat(79) + "…");
    }

    private <R extends Record> @Nullable R bind(Class<R> type, String yaml) {
        @Nullable Node root = new YamlReader(findings, Map.of()).read(yaml);
        assertThat(root).isNotNull();
        return root == null
                ? null
                : new Binder(findings, new ScalarTypes(List.of())).bind(type, root);
    }
}
