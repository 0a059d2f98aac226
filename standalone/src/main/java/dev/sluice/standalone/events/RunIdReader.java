package dev.sluice.standalone.events;

import dev.sluice.common.run.RunId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads the id of a run on the command line, or says why it is none.
public final class RunIdReader implements ITypeConverter<RunId> {
    @Override
    public RunId convert(String text) {
        try {
            return new RunId(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
