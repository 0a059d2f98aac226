package dev.sluice.standalone.events;

import dev.sluice.common.audit.AuditType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A kind of events on the command line: `run.failed`, the same in the long form, or `run` for all
/// of that family.
public record Kind(List<AuditType> types) {
    public Kind {
        types = List.copyOf(types);
    }

    boolean includes(AuditType type) {
        return types.contains(type);
    }

    /// Finds the kind, or says which there are.
    public static final class Reader implements ITypeConverter<Kind> {
        @Override
        public Kind convert(String text) {
            List<AuditType> family =
                    Arrays.stream(AuditType.values())
                            .filter(type -> type.shortName().startsWith(text + "."))
                            .toList();
            if (!family.isEmpty()) {
                return new Kind(family);
            }
            return AuditType.named(text)
                    .map(type -> new Kind(List.of(type)))
                    .orElseThrow(() ->
                            new TypeConversionException(
                                    "there is no type %s; there are %s".formatted(text, names())));
        }

        private static String names() {
            return Arrays.stream(AuditType.values())
                    .map(AuditType::shortName)
                    .collect(Collectors.joining(", "));
        }
    }
}
