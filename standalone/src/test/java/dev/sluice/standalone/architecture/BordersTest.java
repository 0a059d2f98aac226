package dev.sluice.standalone.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BordersTest {
    private static final String MCP = "io.modelcontextprotocol..";

    private static void check(ArchRule rule) {
        rule.check(Product.CLASSES);
    }

    /// A rule about a package that nobody lives in any more holds by itself.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "common",
                "common.run",
                "gateway",
                "gateway.http",
                "gateway.dialect",
                "gateway.run",
                "worker",
                "worker.run",
                "worker.tool.mcp",
                "embedded",
                "embedded.mcp",
                "standalone"
            })
    void theRoomsThatTheRulesNameAreThere(String room) {
        assertThat(Product.CLASSES)
                .anyMatch(type -> type.getPackageName().equals("dev.sluice." + room));
    }

    @ParameterizedTest
    @CsvSource({
        "common, gateway",
        "common, worker",
        "common, embedded",
        "common, standalone",
        "gateway, worker",
        "gateway, embedded",
        "gateway, standalone",
        "worker, gateway",
        "worker, embedded",
        "worker, standalone",
        "embedded, common",
        "embedded, gateway",
        "embedded, worker",
        "embedded, standalone"
    })
    void aModuleDoesNotSeeWhatIsBesideOrAboveIt(String module, String other) {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice." + module + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("dev.sluice." + other + ".."));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.vertx..",
                "io.netty..",
                "org.apache.kafka..",
                "io.lettuce..",
                "reactor..",
                MCP
            })
    void theRunEngineKnowsNoClientOfAnything(String library) {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice.worker.run..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(library));
    }

    @ParameterizedTest
    @ValueSource(strings = {"intake", "journal", "lease", "memory", "provider", "tool"})
    void theRunEngineKnowsNoneOfItsImplementations(String room) {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice.worker.run..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("dev.sluice.worker." + room + ".."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.apache.kafka..", "io.lettuce..", MCP})
    void toolsAndProvidersKnowNeitherKafkaNorRedis(String library) {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice.worker.provider..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(library));
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice.worker.tool..")
                        .and()
                        .resideOutsideOfPackage("dev.sluice.worker.tool.mcp..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(library));
    }

    @Test
    void typesOfTheMcpSdkStayBehindOurPorts() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                "dev.sluice.worker.tool.mcp..", "dev.sluice.embedded.mcp..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(MCP));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dialect", "http"})
    void theGatewaysHttpSideKnowsNoKafka(String room) {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice.gateway." + room + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("org.apache.kafka.."));
    }

    @Test
    void dialectsKnowNothingButTheVocabulary() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice.gateway.dialect..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "dev.sluice.gateway.http..",
                                "dev.sluice.gateway.run..",
                                "io.lettuce..",
                                "io.netty.."));
    }

    @Test
    void theVocabularyKnowsNothingOfHowItTravels() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice.common.run..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("io.vertx..", "io.lettuce..", "org.apache.kafka.."));
    }

    @Test
    void noPackagesDependOnEachOther() {
        check(slices().matching("dev.sluice.(**)").should().beFreeOfCycles());
    }

    @Test
    void noJackson2IsUsedButItsAnnotations() {
        check(
                noClasses()
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "com.fasterxml.jackson.core..",
                                "com.fasterxml.jackson.databind.."));
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<String> unmarked =
                Product.CLASSES.stream()
                        .map(JavaClass::getPackage)
                        .filter(room -> !room.isAnnotatedWith(NullMarked.class))
                        .map(JavaPackage::getName)
                        .collect(Collectors.toSet());

        assertThat(unmarked).isEmpty();
    }
}
