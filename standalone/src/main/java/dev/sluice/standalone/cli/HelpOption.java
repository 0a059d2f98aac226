package dev.sluice.standalone.cli;

import picocli.CommandLine.Option;

/// The option `--help` that every command has.
final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this text.")
    @SuppressWarnings("unused") // read by picocli
    private boolean asked;
}
