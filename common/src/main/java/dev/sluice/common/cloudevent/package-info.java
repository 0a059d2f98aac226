/// CloudEvents as JSON: the format that the CloudEvents SDK lets its users bring.
@NullMarked
package dev.sluice.common.cloudevent;

import org.jspecify.annotations.NullMarked;
