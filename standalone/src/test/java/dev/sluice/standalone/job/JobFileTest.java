package dev.sluice.standalone.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFileTest {
    @TempDir Path folder;

    private JobFile file(String text) throws IOException {
        return JobFile.read(Files.writeString(folder.resolve("jobs.jsonl"), text));
    }

    @Test
    void aLineIsAJobAsItStands() throws IOException {
        assertThat(file("{\"id\": \"a\",  \"agent\": 1}\n\n").lines())
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.id()).isEqualTo("a");
                    assertThat(line.value()).asString().isEqualTo("{\"id\": \"a\",  \"agent\": 1}");
                });
    }

    @Test
    void aJobWithoutAnIdHasTheSameOneEachTime() throws IOException {
        String text = "{\"agent\":\"demo\"}\n{\"agent\":\"demo\"}\n";

        JobFile first = file(text);
        JobFile second = file(text);

        assertThat(first.lines())
                .extracting(JobFile.Line::id)
                .isEqualTo(second.lines().stream().map(JobFile.Line::id).toList())
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("line-[12]-[0-9a-f]{12}"));
        assertThat(first.lines().getFirst().value())
                .asString()
                .contains("\"id\":\"" + first.lines().getFirst().id() + "\"");
    }

    @Test
    void aLineThatIsNoObjectIsNamed() {
        assertThatThrownBy(() -> file("{}\n{\n"))
                .isInstanceOf(StartException.class)
                .hasMessageEndingWith("jobs.jsonl:2: is not valid JSON");
        assertThatThrownBy(() -> file("7\n")).hasMessageEndingWith(":1: is not a JSON object");
    }
}
