package dev.sluice.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BordersTest {
    private static final JavaClasses BENCH =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.sluice.bench");

    /// What a bench finds out must not rest on what it is to find out about.
    @ParameterizedTest
    @ValueSource(strings = {"dev.sluice.gateway..", "dev.sluice.worker.."})
    void theBenchSeesTheProductAsClientsAndTopicsDo(String room) {
        noClasses().should().dependOnClassesThat().resideInAPackage(room).check(BENCH);
    }

    @Test
    void noPackagesDependOnEachOther() {
        slices().matching("dev.sluice.bench.(**)").should().beFreeOfCycles().check(BENCH);
    }

    @Test
    void onlyTheMainClassReadsTheEnvironmentOrEndsTheProcess() {
        noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Main")
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(BENCH);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(BENCH.stream().map(JavaClass::getPackage).distinct())
                .allMatch(room -> room.isAnnotatedWith(NullMarked.class));
    }
}
