/// The configuration tree: one record a section of `sluice.yaml`, and the loader that fills it.
///
/// A record's components are its keys (`maxBody` is `max_body`), [Doc] describes a key, [Default]
/// gives the text that stands in for an absent one, and a compact constructor refuses what cannot
/// work. The loader, the reference in `docs/configuration.md` and the JSON Schema are all read off
/// the same records.
@NullMarked
package dev.sluice.common.config;

import org.jspecify.annotations.NullMarked;
