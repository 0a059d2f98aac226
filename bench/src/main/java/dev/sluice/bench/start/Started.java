package dev.sluice.bench.start;

/// One start.
///
/// @param seconds from the launcher's start to its `ready` line
/// @param jvm resident bytes of the process itself, idle
/// @param children resident bytes of those that it has started: Redis
record Started(double seconds, long jvm, long children) {
    double jvmMebibytes() {
        return jvm / 0x1p20;
    }

    double childrenMebibytes() {
        return children / 0x1p20;
    }

    double mebibytes() {
        return jvmMebibytes() + childrenMebibytes();
    }
}
