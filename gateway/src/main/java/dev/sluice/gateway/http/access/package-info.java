/// Who may ask for what, and how much: keys, limits, admission.
@NullMarked
package dev.sluice.gateway.http.access;

import org.jspecify.annotations.NullMarked;
