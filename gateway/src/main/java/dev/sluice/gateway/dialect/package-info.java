/// What every protocol that clients speak has in common: a body becomes an [Ask], a run's events
/// become an answer, a failure becomes an error body. One package a protocol.
@NullMarked
package dev.sluice.gateway.dialect;

import org.jspecify.annotations.NullMarked;
