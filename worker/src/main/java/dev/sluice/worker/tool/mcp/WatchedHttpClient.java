package dev.sluice.worker.tool.mcp;

import java.lang.reflect.Proxy;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/// An HTTP client that tells a [Watch] when a response begins and when its body is at its end. The
/// MCP SDK's transports keep both to themselves, and so leave a call waiting whose response stream
/// has ended. Requests carry a [#TAG] header for the watch, which is taken off before they go out.
final class WatchedHttpClient extends HttpClient {
    /// The header by which a request is known to the watch.
    static final String TAG = "Sluice-Exchange";

    private final HttpClient client;
    private final Watch watch;

    WatchedHttpClient(HttpClient client, Watch watch) {
        this.client = client;
        this.watch = watch;
    }

    /// Is told of responses, on the client's threads. Implementations do not block.
    interface Watch {
        /// The response's head is here.
        void answered(String tag, HttpRequest request, int status);

        /// There will be no response.
        void failed(String tag, Throwable error);

        /// The response's body is at its end, complete or not, and whoever reads it knows; or
        /// nobody wants it any more.
        void ended(String tag);
    }

    /// A builder of this client, for those who will only take a builder; what it is told is
    /// ignored.
    HttpClient.Builder asBuilder() {
        return (HttpClient.Builder)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {HttpClient.Builder.class},
                        (proxy, method, args) -> method.getName().equals("build") ? this : proxy);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        String tag = request.headers().firstValue(TAG).orElse("");
        HttpRequest untagged =
                HttpRequest.newBuilder(request, (name, value) -> !name.equalsIgnoreCase(TAG))
                        .build();
        CompletableFuture<HttpResponse<T>> exchange =
                client.sendAsync(
                        untagged,
                        head -> {
                            watch.answered(tag, untagged, head.statusCode());
                            return HttpResponse.BodySubscribers.mapping(
                                    handler.apply(head),
                                    body -> watched(body, () -> watch.ended(tag)));
                        });
        exchange.whenComplete((response, error) -> {
            if (error != null) {
                watch.failed(
                        tag,
                        error instanceof CompletionException && error.getCause() != null
                                ? error.getCause()
                                : error);
            }
        });
        return exchange;
    }

    /// The transports ask for the body as a publisher. To see its end after they have seen it, one
    /// has to stand behind it: what it passes on, they have worked off when it returns.
    @SuppressWarnings("unchecked")
    private static <T> T watched(T body, Runnable ended) {
        return body instanceof Flow.Publisher<?> publisher
                ? (T) new WatchedBody<>(publisher, ended)
                : body;
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request,
            HttpResponse.BodyHandler<T> handler,
            HttpResponse.PushPromiseHandler<T> pushes) {
        return sendAsync(request, handler);
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        throw new UnsupportedOperationException("this client is asynchronous");
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return client.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return client.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return client.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return client.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return client.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return client.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return client.authenticator();
    }

    @Override
    public Version version() {
        return client.version();
    }

    @Override
    public Optional<Executor> executor() {
        return client.executor();
    }

    private record WatchedBody<B>(Flow.Publisher<B> body, Runnable ended)
            implements Flow.Publisher<B> {
        @Override
        public void subscribe(Flow.Subscriber<? super B> subscriber) {
            body.subscribe(new WatchedSubscriber<B>(subscriber, ended));
        }
    }

    private record WatchedSubscriber<B>(Flow.Subscriber<? super B> subscriber, Runnable ended)
            implements Flow.Subscriber<B> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscriber.onSubscribe(
                    new Flow.Subscription() {
                        @Override
                        public void request(long n) {
                            subscription.request(n);
                        }

                        @Override
                        public void cancel() {
                            subscription.cancel();
                            ended.run();
                        }
                    });
        }

        @Override
        public void onNext(B item) {
            subscriber.onNext(item);
        }

        @Override
        public void onError(Throwable error) {
            subscriber.onError(error);
            ended.run();
        }

        @Override
        public void onComplete() {
            subscriber.onComplete();
            ended.run();
        }
    }
}
