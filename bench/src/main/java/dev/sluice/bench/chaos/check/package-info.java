/// What must be so when all is over: the log, the clients' accounts and the tools' ledger, each
/// held against the script and against the others.
@NullMarked
package dev.sluice.bench.chaos.check;

import org.jspecify.annotations.NullMarked;
