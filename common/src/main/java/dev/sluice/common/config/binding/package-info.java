/// Fills a tree of records from YAML, and knows nothing of what the records mean.
///
/// A record's components are its keys (`maxBody` is `max_body`), [Doc] describes a key, [Default]
/// gives the text that stands in for an absent one, and a compact constructor refuses what cannot
/// work through [Checks]. [YamlReader] reads the text and resolves `${VAR}`, [Binder] fills the
/// records, and [Findings] collects every problem of the file with its line.
@NullMarked
package dev.sluice.common.config.binding;

import org.jspecify.annotations.NullMarked;
