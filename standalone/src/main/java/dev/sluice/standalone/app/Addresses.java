package dev.sluice.standalone.app;

/// Addresses as people and clients take them.
public final class Addresses {
    private Addresses() {}

    /// The root of an HTTP server: `http://127.0.0.1:8080`, `http://[::1]:8080`.
    public static String http(String host, int port) {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
