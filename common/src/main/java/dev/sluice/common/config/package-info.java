/// The configuration tree: one record a section of `sluice.yaml`, and the loader that fills it.
///
/// The records' components are the file's keys; `dev.sluice.common.config.binding` says how. The
/// loader, the reference in `docs/configuration.md` and the JSON Schema are all read off them.
@NullMarked
package dev.sluice.common.config;

import org.jspecify.annotations.NullMarked;
