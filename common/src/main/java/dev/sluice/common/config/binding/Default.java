package dev.sluice.common.config.binding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The text that a configuration key has where the file does not name it, as one would write it in
/// the file. A component with neither a default nor `@Nullable` nor a collection type is required.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
    /// The default, in the file's own syntax: `30s`, `8MiB`, `true`, `allow`.
    String value();
}
