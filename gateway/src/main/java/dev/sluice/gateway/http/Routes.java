package dev.sluice.gateway.http;

import dev.sluice.common.audit.AuditEvent.HttpFacts;
import dev.sluice.common.config.KeyConfig;
import dev.sluice.common.monitor.MonitorRoutes;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.TraceContext;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.chat.ChatDialect;
import dev.sluice.gateway.dialect.chat.ModelList;
import dev.sluice.gateway.dialect.runs.RunsDialect;
import dev.sluice.gateway.http.access.Denials;
import dev.sluice.gateway.http.access.Denials.Denial;
import dev.sluice.gateway.http.access.Keys;
import dev.sluice.gateway.http.access.RateLimiter;
import dev.sluice.gateway.run.RefusedException;
import dev.sluice.gateway.run.ReplyRouter;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gateway's routes, built once an event loop.
final class Routes {
    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

    /// What metrics call the status of a request whose client went away before its answer's end.
    private static final int CLIENT_GONE = 499;

    private static final int LONGEST_PATH = 200;
    private static final String KEY = "sluice.key";
    private static final String REQUEST_ID = "sluice.request-id";
    private static final String NUMBER = "sluice.request-number";
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODELS = "/v1/models";
    private static final String RUNS = "/v1/runs";
    private static final String ADMIN = "/admin";
    private static final String QUEUE = ADMIN + "/queue";
    private static final String ONE = "/:" + RunsHandler.RUN;
    private static final Pattern OF_A_RUN =
            Pattern.compile(RUNS + "/[^/]+(/cancel|/events|/stream)?");

    private final Dialect dialect = new ChatDialect();
    private final GatewayContext gateway;
    private final GatewayMeters meters;
    private final Keys keys;
    private final RateLimiter limiter;
    private final Answers answers;
    private final RunHandler chat;
    private final RunHandler runs;
    private final RunsHandler shown;
    private final AdminHandler admin;

    Routes(GatewayContext gateway, ReplyRouter replies) {
        this.gateway = gateway;
        this.meters = gateway.meters();
        this.keys = new Keys(gateway.config().keys(), gateway.clock());
        this.limiter =
                new RateLimiter(
                        gateway.redis(),
                        gateway.config().gateway().limits().onRedisFailure(),
                        gateway.metrics().registry());
        this.answers = new Answers(gateway);
        Attacher attacher = new Attacher(gateway, answers, replies);
        this.chat = handler(dialect, attacher, false);
        this.runs = handler(new RunsDialect(), attacher, true);
        this.shown = new RunsHandler(gateway, attacher);
        this.admin = new AdminHandler(gateway);
    }

    private RunHandler handler(Dialect dialect, Attacher attacher, boolean findable) {
        return new RunHandler(
                dialect, gateway, limiter, new RunStarter(dialect, gateway, attacher, findable));
    }

    /// Ends the answers whose clients still wait here, because the gateway stops.
    void shutDown() {
        answers.shutDown();
    }

    Router build(Vertx vertx) {
        Router router = Router.router(vertx);
        router.route().handler(this::begin);
        MonitorRoutes.mount(router, gateway.metrics(), gateway.readiness());
        router.route("/v1/*").handler(this::identify);
        router.route(ADMIN + "/*").handler(this::identify).handler(this::admitAdmin);
        router.get(QUEUE).handler(admin::queue);
        starts(router, CHAT, chat);
        starts(router, RUNS, runs);
        router.get(RUNS).handler(shown::list);
        router.get(RUNS + ONE).handler(shown::one);
        router.post(RUNS + ONE + "/cancel").handler(shown::cancel);
        router.get(RUNS + ONE + "/events").handler(shown::events);
        router.get(RUNS + ONE + "/stream").handler(shown::stream);
        router.get(MODELS).handler(this::models);
        router.get(MODELS + "/*").handler(this::model);
        allowOnly(router, QUEUE, "GET");
        allowOnly(router, CHAT, "POST");
        allowOnly(router, RUNS, "GET", "POST");
        allowOnly(router, RUNS + ONE, "GET");
        allowOnly(router, RUNS + ONE + "/cancel", "POST");
        allowOnly(router, RUNS + ONE + "/events", "GET");
        allowOnly(router, RUNS + ONE + "/stream", "GET");
        allowOnly(router, MODELS, "GET");
        allowOnly(router, MODELS + "/*", "GET");
        router.route()
                .handler(routing ->
                        refuse(routing, new Failure.RouteNotFound(routing.normalizedPath())));
        router.errorHandler(400, routing -> refuse(routing, unreadable()));
        router.errorHandler(
                413,
                routing ->
                        refuse(
                                routing,
                                new Failure.BodyTooLarge(
                                        gateway.config().gateway().maxBody().bytes())));
        router.errorHandler(500, this::fail);
        return router;
    }

    private void starts(Router router, String path, RunHandler handler) {
        // A route of its own: within one, Vert.x wants the body's handler before ours.
        router.post(path).handler(this::requireJson);
        router.post(path)
                .handler(
                        BodyHandler.create(false)
                                .setBodyLimit(gateway.config().gateway().maxBody().bytes()))
                .handler(handler);
    }

    private static Failure unreadable() {
        return new Failure.InvalidRequest(null, "The request could not be read.");
    }

    private void begin(RoutingContext routing) {
        long began = System.nanoTime();
        String id = RequestHeaders.requestId(routing.request());
        routing.put(REQUEST_ID, id);
        routing.put(NUMBER, gateway.denials().arrived());
        routing.response().putHeader(RequestHeaders.REQUEST_ID, id);
        routing.addEndHandler(result ->
                meters.answered(
                        route(routing),
                        result.succeeded() ? routing.response().getStatusCode() : CLIENT_GONE,
                        Duration.ofNanos(System.nanoTime() - began)));
        routing.next();
    }

    /// A route of ours for metrics, so that clients cannot make up new series.
    private static String route(RoutingContext routing) {
        String path = routing.normalizedPath();
        if (path.equals(CHAT) || path.equals(MODELS) || path.equals(RUNS)) {
            return path;
        }
        Matcher run = OF_A_RUN.matcher(path);
        if (run.matches()) {
            return RUNS + "/{id}" + Objects.requireNonNullElse(run.group(1), "");
        }
        if (path.startsWith(MODELS + "/")) {
            return MODELS + "/{id}";
        }
        return List.of("/health", "/ready", "/metrics", QUEUE).contains(path) ? path : "other";
    }

    private void identify(RoutingContext routing) {
        switch (keys.identify(routing.request())) {
            case Keys.Identity.Anybody _ -> routing.next();
            case Keys.Identity.Holder(KeyConfig key) -> {
                routing.put(KEY, key);
                routing.next();
            }
            case Keys.Identity.Nobody(Failure.Unauthenticated failure, String expired) -> {
                gateway.denials()
                        .denied(
                                Denial.unauthenticated(failure.presented(), expired),
                                request(routing));
                refuse(routing, failure);
            }
        }
    }

    private void admitAdmin(RoutingContext routing) {
        KeyConfig key = key(routing);
        if (key == null || key.admin()) {
            routing.next();
        } else {
            gateway.denials().denied(Denial.admin(key.id()), request(routing));
            refuse(routing, new Failure.NotPermitted("admin"));
        }
    }

    private void requireJson(RoutingContext routing) {
        String type = routing.request().getHeader(HttpHeaders.CONTENT_TYPE);
        String media = type == null ? "" : type.split(";", 2)[0].strip();
        if (media.equalsIgnoreCase("application/json")) {
            routing.next();
        } else {
            refuse(routing, new Failure.UnsupportedMediaType(media));
        }
    }

    private void models(RoutingContext routing) {
        KeyConfig key = key(routing);
        json(
                routing,
                ModelList.all(
                        gateway.config().agents().keySet().stream()
                                .filter(agent -> key == null || key.admits(agent))
                                .toList(),
                        gateway.started()));
    }

    private void model(RoutingContext routing) {
        KeyConfig key = key(routing);
        String agent = routing.pathParam("*");
        if (agent != null
                && gateway.config().agents().containsKey(agent)
                && (key == null || key.admits(agent))) {
            json(routing, ModelList.one(agent, gateway.started()));
        } else {
            if (key != null && agent != null && gateway.config().agents().containsKey(agent)) {
                gateway.denials().denied(Denial.agent(key.id(), agent), request(routing));
            }
            refuse(routing, new Failure.AgentNotFound(String.valueOf(agent)));
        }
    }

    private void allowOnly(Router router, String path, String... methods) {
        router.route(path)
                .handler(routing -> {
                    HttpMethod asked = routing.request().method();
                    refuse(routing, new Failure.MethodNotAllowed(asked.name(), List.of(methods)));
                });
    }

    private void fail(RoutingContext routing) {
        if (routing.failure() instanceof RefusedException refused) {
            if (refused.denied()) {
                KeyConfig key = key(routing);
                gateway.denials()
                        .denied(Denial.run(key == null ? null : key.id()), request(routing));
            }
            refuse(routing, refused.failure());
            return;
        }
        LOG.atError()
                .addKeyValue("requestId", requestId(routing))
                .setCause(routing.failure())
                .log("a request failed");
        refuse(routing, new Failure.Internal());
    }

    private void refuse(RoutingContext routing, Failure failure) {
        Responses.error(routing.response(), dialect.error(failure, false));
    }

    private static void json(RoutingContext routing, Buffer body) {
        routing.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(body);
    }

    /// The key that came with a request; null where none is needed.
    static @Nullable KeyConfig key(RoutingContext routing) {
        return routing.get(KEY);
    }

    static String requestId(RoutingContext routing) {
        return Objects.requireNonNull(routing.<String>get(REQUEST_ID));
    }

    /// The request as the audit stream has it.
    static Denials.Request request(RoutingContext routing) {
        String path = routing.normalizedPath();
        SocketAddress remote = routing.request().remoteAddress();
        return new Denials.Request(
                Objects.requireNonNull(routing.<Long>get(NUMBER)),
                new HttpFacts(
                        requestId(routing),
                        routing.request().method().name(),
                        path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) : path,
                        remote == null ? null : remote.hostAddress()));
    }

    static @Nullable TraceContext trace(RoutingContext routing) {
        return TraceContext.of(
                routing.request().getHeader(TraceContext.TRACEPARENT),
                routing.request().getHeader(TraceContext.TRACESTATE));
    }
}
