/// What clients ask for and what must come of it: errands, whose prompts carry their whole script,
/// and the rules by which the scripted model plays them.
@NullMarked
package dev.sluice.bench.chaos.script;

import org.jspecify.annotations.NullMarked;
