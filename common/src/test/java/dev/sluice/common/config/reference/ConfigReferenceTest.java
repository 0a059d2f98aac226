package dev.sluice.common.config.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConfigReferenceTest {
    private static final String REGENERATE =
            "the records have changed: mvn -q -Dquick -pl common -am test -Dsluice.write-docs=true"
                    + " -Dtest=ConfigReferenceTest -Dsurefire.failIfNoSpecifiedTests=false";

    @Test
    void theReferenceIsUpToDate() throws IOException {
        assertCommitted("configuration.md", ConfigReference.markdown());
    }

    @Test
    void theSchemaIsUpToDate() throws IOException {
        assertCommitted("sluice.schema.json", ConfigSchema.json());
    }

    @Test
    void everyKeyIsDescribed() {
        assertThat(ConfigReference.markdown()).doesNotContain("| null |");
    }

    @Test
    void theExampleOfTheReferenceLoads() {
        var yaml = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
        var example = yaml.matcher(ConfigReference.markdown());

        assertThat(example.find()).isTrue();
        assertThat(
                        ConfigLoader.parse(
                                        example.group(1),
                                        "configuration.md",
                                        Map.of("OPENAI_API_KEY", "k", "SLUICE_KEY", "s"))
                                .agents())
                .containsOnlyKeys("researcher");
    }

    @Test
    void everyLinkOfTheReferenceLeadsToAHeading() {
        String reference = ConfigReference.markdown();
        var anchors =
                reference
                        .lines()
                        .filter(line -> line.startsWith("## "))
                        .map(line -> line.substring(3).toLowerCase(java.util.Locale.ROOT))
                        .map(line -> line.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
                        .toList();

        assertThat(Pattern.compile("\\(#([^)]*)\\)").matcher(reference).results())
                .isNotEmpty()
                .allSatisfy(link -> assertThat(anchors).contains(link.group(1)));
    }

    @Test
    void theSchemaNamesTypesDefaultsAndWhatIsRequired() {
        JsonNode schema = JsonMapper.builder().build().readTree(ConfigSchema.json());

        JsonNode provider = schema.at("/$defs/Provider");
        assertThat(provider.at("/required").toString()).isEqualTo("[\"kind\",\"base_url\"]");
        assertThat(provider.at("/additionalProperties").booleanValue(true)).isFalse();
        assertThat(schema.at("/properties/providers/additionalProperties/$ref").stringValue())
                .isEqualTo("#/$defs/Provider");
        assertThat(schema.at("/$defs/Gateway/properties/port/default").intValue()).isEqualTo(8080);
        assertThat(schema.at("/$defs/McpServer/properties/transport/anyOf/0/enum").toString())
                .isEqualTo("[\"stdio\",\"streamable_http\",\"sse\"]");
        String port = schema.at("/$defs/Gateway/properties/port/pattern").stringValue();
        assertThat("${PORT:-8080}").containsPattern(port);
        assertThat("eighty").doesNotContainPattern(port);
        String timeout = schema.at("/$defs/Gateway/properties/run_timeout/pattern").stringValue();
        assertThat("1h30m").containsPattern(timeout);
        assertThat("30").doesNotContainPattern(timeout);
    }

    private static void assertCommitted(String file, String generated) throws IOException {
        Path path = Path.of(System.getProperty("basedir", ".")).resolve("../docs").resolve(file);
        if (Boolean.getBoolean("sluice.write-docs")) {
            Files.createDirectories(path.getParent());
            Files.writeString(path, generated);
        }
        assertThat(path).as(REGENERATE).exists();
        assertThat(Files.readString(path)).as(REGENERATE).isEqualTo(generated);
    }
}
