package dev.sluice.bench.cli;

import dev.sluice.bench.chaos.fault.Mix;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads the one kind of faults that is wanted.
final class MixReader implements ITypeConverter<Mix> {
    @Override
    public Mix convert(String text) {
        return Arrays.stream(Mix.values())
                .filter(mix -> mix != Mix.ALL && mix.toString().equals(text))
                .findFirst()
                .orElseThrow(() ->
                        new TypeConversionException(
                                Arrays.stream(Mix.values())
                                        .filter(mix -> mix != Mix.ALL)
                                        .map(Mix::toString)
                                        .collect(
                                                Collectors.joining(
                                                        ", ", text + " is none of ", ""))));
    }
}
