package dev.sluice.standalone.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ThreadsTest {
    /// A call that waits: the type it is made on and the names of its methods.
    record Waiting(Class<?> type, String methods) {}

    static java.util.List<Waiting> waiting() {
        return java.util.List.of(
                new Waiting(Thread.class, "sleep|join"),
                new Waiting(Future.class, "get|join|resultNow"),
                new Waiting(io.vertx.core.Future.class, "await"),
                new Waiting(CountDownLatch.class, "await"),
                new Waiting(BlockingQueue.class, "take|put"),
                new Waiting(Object.class, "wait"),
                new Waiting(java.util.concurrent.Semaphore.class, "acquire.*"));
    }

    /// Admission is where whoever closes the gateway waits for the last requests, and that is not
    /// an event loop.
    @ParameterizedTest
    @MethodSource("waiting")
    void theGatewaysEventLoopsNeverWait(Waiting call) {
        check(
                noClasses()
                        .that()
                        .resideInAnyPackage(
                                "dev.sluice.gateway.http..", "dev.sluice.gateway.dialect..")
                        .and()
                        .doNotHaveFullyQualifiedName("dev.sluice.gateway.http.access.Admission")
                        .should()
                        .callMethodWhere(
                                target(owner(assignableTo(call.type())))
                                        .and(target(nameMatching(call.methods())))));
    }

    @Test
    void theGatewaysEventLoopsUseNoBlockingCommandsOfRedis() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.sluice.gateway..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.lettuce.core.api.sync.."));
    }

    @Test
    void onlyMainClassesReadTheEnvironmentOrEndTheProcess() {
        check(
                noClasses()
                        .that()
                        .haveSimpleNameNotEndingWith("Main")
                        .should()
                        .callMethodWhere(
                                target(owner(assignableTo(System.class)))
                                        .and(target(nameMatching("getenv|exit"))))
                        .orShould()
                        .callMethodWhere(
                                target(owner(assignableTo(Runtime.class)))
                                        .and(target(nameMatching("exit|halt")))));
    }

    private static void check(ArchRule rule) {
        rule.check(Product.CLASSES);
    }
}
