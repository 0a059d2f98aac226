/// Jobs: what others submit to the jobs topic to be run, and the results that they are sent.
@NullMarked
package dev.sluice.gateway.job;

import org.jspecify.annotations.NullMarked;
