package dev.sluice.embedded.model.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TokensTest {

    @Test
    void tokensPutTogetherAreTheText() {
        assertThat(Tokens.of("Hello,  you\nthere "))
                .containsExactly("Hello,", "  you", "\nthere", " ");
        assertThat(Tokens.of("  a")).containsExactly("  a");
        assertThat(Tokens.of("")).isEmpty();
        assertThat(Tokens.count("  a b\n c ")).isEqualTo(3);
    }

    @Test
    void aFragmentDoesNotSplitASurrogatePair() {
        List<String> fragments = Tokens.fragments("12345678901😀x");

        assertThat(fragments).containsExactly("12345678901😀", "x");
    }
}
