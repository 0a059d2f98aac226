/// The HTTP side: it speaks the clients' protocols, publishes runs, and follows their replies.
/// [GatewayApp] puts it together.
@NullMarked
package dev.sluice.gateway;

import org.jspecify.annotations.NullMarked;
