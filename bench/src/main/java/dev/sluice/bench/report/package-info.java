/// What measurements end with: tables for people, a JSON file for programs, and the machine that
/// both are about.
@NullMarked
package dev.sluice.bench.report;

import org.jspecify.annotations.NullMarked;
