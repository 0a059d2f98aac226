package dev.sluice.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import org.apache.kafka.server.ServerSocketFactory;

/// The broker's listening sockets, bound before Kafka starts.
///
/// So a free port cannot be lost between choosing it and using it, and a taken port is refused
/// before anything has been started.
final class BrokerSockets implements ServerSocketFactory, AutoCloseable {

    static final String CLIENTS = "PLAINTEXT";
    static final String CONTROLLER = "CONTROLLER";

    private final ServerSocketChannel clients;
    private final ServerSocketChannel controller;
    private final Map<String, ServerSocketChannel> byListener;

    private BrokerSockets(ServerSocketChannel clients, ServerSocketChannel controller) {
        this.clients = clients;
        this.controller = controller;
        this.byListener = Map.of(CLIENTS, clients, CONTROLLER, controller);
    }

    /// Binds the clients' port (0: a free one) and a free one for the controller.
    static BrokerSockets bind(int port) {
        ServerSocketChannel clients = bindOne(port);
        try {
            return new BrokerSockets(clients, bindOne(0));
        } catch (EmbeddedStartException e) {
            close(clients);
            throw e;
        }
    }

    int clientsPort() {
        return clients.socket().getLocalPort();
    }

    int controllerPort() {
        return controller.socket().getLocalPort();
    }

    @Override
    public ServerSocketChannel openServerSocket(
            String listener, InetSocketAddress address, int backlog, int receiveBuffer)
            throws IOException {
        ServerSocketChannel bound = byListener.get(listener);
        if (bound == null) {
            return ServerSocketFactory.INSTANCE.openServerSocket(
                    listener, address, backlog, receiveBuffer);
        }
        return bound;
    }

    @Override
    public void close() {
        close(clients);
        close(controller);
    }

    private static ServerSocketChannel bindOne(int port) {
        var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                channel.configureBlocking(false);
                return channel.bind(address);
            } catch (IOException e) {
                close(channel);
                throw e;
            }
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "Kafka cannot listen on 127.0.0.1:" + port + ": " + e.getMessage(), e);
        }
    }

    private static void close(ServerSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // A listening socket holds nothing that could be lost.
        }
    }
}
