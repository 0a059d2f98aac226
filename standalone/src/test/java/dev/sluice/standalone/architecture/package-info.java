/// The borders of modules and packages, held by tests.
@NullMarked
package dev.sluice.standalone.architecture;

import org.jspecify.annotations.NullMarked;
