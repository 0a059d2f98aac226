/// The rules of a script: which requests a [Rule] answers ([When]), how fast ([Pace]) and what with
/// ([Reply], its texts as [Template]s). The package above reads them from YAML, documents their
/// format and plays them.
@NullMarked
package dev.sluice.embedded.model.rule;

import org.jspecify.annotations.NullMarked;
