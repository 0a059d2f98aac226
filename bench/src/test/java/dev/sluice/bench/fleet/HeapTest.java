package dev.sluice.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapTest {
    @Test
    void theSpacesOfTheHeapAreAddedUpAndTheMetaspaceIsLeftOut() {
        String serial =
                """
                4711:
                 DefNew     total 9216K, used 512K [0x00000000ec000000, 0x00000000eca00000)
                  eden space 8192K,   6% used [0x00000000ec000000, 0x00000000ec080000)
                 Tenured    total 21888K, used 1024K [0x00000000f1000000, 0x00000000f2560000)
                 Metaspace       used 3072K, committed 3264K, reserved 1114112K
                  class space    used 262K, committed 384K, reserved 1048576K
                """;

        assertThat(Heap.used(serial)).isEqualTo((512 + 1024) * 1024);
    }

    @Test
    void whatThisProcessHasInUseIsFound() throws Exception {
        byte[] held = new byte[32 << 20];

        assertThat(Heap.liveBytes(ProcessHandle.current())).isGreaterThan(held.length);
    }
}
