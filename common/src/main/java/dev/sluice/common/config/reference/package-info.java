/// Writes what is said about the configuration elsewhere, `docs/configuration.md` and
/// `docs/sluice.schema.json`, off the records themselves, so that neither can fall behind.
@NullMarked
package dev.sluice.common.config.reference;

import org.jspecify.annotations.NullMarked;
