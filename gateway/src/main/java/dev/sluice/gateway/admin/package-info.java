/// What operators see of the fleet, as JSON and as metrics.
@NullMarked
package dev.sluice.gateway.admin;

import org.jspecify.annotations.NullMarked;
