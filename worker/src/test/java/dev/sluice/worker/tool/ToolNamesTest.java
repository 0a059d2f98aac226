package dev.sluice.worker.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ToolNamesTest {

    @Test
    void aToolIsNamedAfterItsServer() {
        assertThat(ToolNames.of(List.of(new ToolNames.Key("clock", "current_time"))))
                .containsExactly("clock__current_time");
    }

    @Test
    void charactersThatProvidersRefuseAreReplaced() {
        assertThat(ToolNames.of(List.of(new ToolNames.Key("my server", "files/read.größe"))))
                .containsExactly("my_server__files_read_gr__e");
    }

    @Test
    void aNameOf64CharactersIsKept() {
        String tool = "t".repeat(64 - "s__".length());

        assertThat(ToolNames.of(List.of(new ToolNames.Key("s", tool))))
                .containsExactly("s__" + tool);
    }

    @Test
    void aLongerNameIsCutAndStillTellsToolsApart() {
        String tool = "t".repeat(80);

        List<String> names =
                ToolNames.of(
                        List.of(
                                new ToolNames.Key("s", tool + "a"),
                                new ToolNames.Key("s", tool + "b")));

        assertThat(names)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("s__t{52}_[0-9a-f]{8}") && name.length() == 64);
    }

    @Test
    void toolsThatWouldShareANameAreBothHashed() {
        ToolNames.Key dotted = new ToolNames.Key("s", "a.b");
        ToolNames.Key dashed = new ToolNames.Key("s", "a b");

        List<String> names = ToolNames.of(List.of(dotted, dashed));

        assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.startsWith("s__a_b_"));
        assertThat(ToolNames.of(List.of(dashed, dotted)))
                .as("the order does not matter")
                .containsExactly(names.get(1), names.get(0));
    }

    @Test
    void serversWhoseNamesRunIntoTheToolsAreToldApart() {
        assertThat(
                        ToolNames.of(
                                List.of(
                                        new ToolNames.Key("a", "b__c"),
                                        new ToolNames.Key("a__b", "c"))))
                .doesNotHaveDuplicates();
    }

    @Test
    void aToolThatIsNamedLikeAHashDoesNotTakeItsPlace() {
        List<ToolNames.Key> clash =
                List.of(new ToolNames.Key("s", "a.b"), new ToolNames.Key("s", "a b"));
        String hashed = ToolNames.of(clash).getFirst();

        List<String> names =
                ToolNames.of(
                        List.of(
                                clash.get(0),
                                clash.get(1),
                                new ToolNames.Key("s", hashed.substring("s__".length()))));

        assertThat(names).doesNotHaveDuplicates().last().isEqualTo(hashed);
    }
}
