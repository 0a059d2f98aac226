package dev.sluice.common;

import org.jspecify.annotations.Nullable;

/// Which Sluice this is.
public final class Version {
    private Version() {}

    /// The version of the jar that this class is from; `development` where it is from none.
    public static String current() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
