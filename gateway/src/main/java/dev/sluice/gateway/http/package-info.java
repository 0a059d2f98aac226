/// HTTP: the server and its routes, who may ask and how often, and how an answer is written.
///
/// All of it lives on event loops: it returns futures and never blocks.
@NullMarked
package dev.sluice.gateway.http;

import org.jspecify.annotations.NullMarked;
