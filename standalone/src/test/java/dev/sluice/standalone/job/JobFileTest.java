package dev.sluice.standalone.job;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobFileTest {
    @TempDir Path folder;

    private JobFile file(String text) throws IOException {
        return JobFile.checked(Files.writeString(folder.resolve("jobs.jsonl"), text));
    }

    private List<JobFile.Line> lines(String text) throws IOException {
        List<JobFile.Line> lines = new ArrayList<>();
        JobFile file = file(text);
        file.forEach(lines::add);
        assertThat(lines).hasSize(file.count());
        return lines;
    }

    @Test
    void aLineIsAJobAsItStands() throws IOException {
        assertThat(lines("{\"id\": \"a\",  \"agent\": 1}\n\n"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.id()).isEqualTo("a");
                    assertThat(line.value()).asString().isEqualTo("{\"id\": \"a\",  \"agent\": 1}");
                });
    }

    @Test
    void aJobWithoutAnIdHasTheSameOneEachTime() throws IOException {
        String text = "{\"agent\":\"demo\"}\n{\"agent\":\"demo\"}\n{\"id\":null}\n";

        List<JobFile.Line> first = lines(text);
        List<JobFile.Line> second = lines(text);

        assertThat(first)
                .extracting(JobFile.Line::id)
                .isEqualTo(second.stream().map(JobFile.Line::id).toList())
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("line-[123]-[0-9a-f]{12}"));
        assertThat(first)
                .allSatisfy(line ->
                        assertThat(line.value())
                                .asString()
                                .contains("\"id\":\"" + line.id() + "\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{                     | is not valid JSON",
                "{} {}                 | is not valid JSON",
                "7                     | is not a JSON object",
                "{\"id\":7}            | id: expected a string.",
                "{\"id\":{}}           | id: expected a string.",
                "{\"id\":\"\"}         | id: expected 1 to 255 characters, none of them a control character.",
                "{\"id\":\"a\\u0007\"}  | id: expected 1 to 255 characters, none of them a control character."
            })
    void aLineThatIsNoJobIsNamed(String line, String problem) {
        assertThatThrownBy(() -> file("{}\n\n" + line + "\n"))
                .isInstanceOf(StartException.class)
                .hasMessage(folder.resolve("jobs.jsonl") + ":3: " + problem);
    }

    @Test
    void anIdIsTwoJobsNeitherHereNorThere() throws IOException {
        assertThat(lines("{\"id\":\"a\"}\n{\"id\":\"a\"}\n")).hasSize(2);
        assertThatThrownBy(() -> file("{\"id\":\"a\"}\n{\"id\":\"a\",\"x\":1}\n"))
                .isInstanceOf(StartException.class)
                .hasMessage(
                        folder.resolve("jobs.jsonl")
                                + ": two lines have the id 'a' and do not say the same");
    }

    @Test
    void anIdThatIsTooLongIsRefused() throws IOException {
        assertThat(lines("{\"id\":\"%s\"}".formatted("a".repeat(255)))).hasSize(1);
        assertThatThrownBy(() -> file("{\"id\":\"%s\"}".formatted("a".repeat(256))))
                .hasMessageContaining(":1: id: expected 1 to 255 characters");
    }

    @Test
    void aFileThatIsNoTextIsRefused() throws IOException {
        Path file =
                Files.write(
                        folder.resolve("latin.jsonl"), "{\"id\":\"\u00e9\"}".getBytes(ISO_8859_1));

        assertThatThrownBy(() -> JobFile.checked(file))
                .isInstanceOf(StartException.class)
                .hasMessage(file + " is not in UTF-8");
    }
}
