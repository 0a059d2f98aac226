package dev.sluice.worker.tool.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CappedTest {

    @Test
    void whatFitsIsUntouched() {
        List<ContentPart> content = List.of(text("aé€😀"), text(""), image(10));

        assertThat(Capped.to(1 + 2 + 3 + 4 + url(10).length(), content)).isEqualTo(content);
    }

    @Test
    void theTextIsCutAndSaysByHowMuch() {
        assertThat(Capped.to(1000, List.of(text("x".repeat(1_235_567)))))
                .containsExactly(
                        text("x".repeat(1000)),
                        text("[truncated: 1,234,567 of 1,235,567 bytes left out]"));
    }

    @Test
    void noCodePointIsCut() {
        assertThat(Capped.to(5, List.of(text("é€😀"))))
                .containsExactly(text("é€"), text("[truncated: 4 of 9 bytes left out]"));
        assertThat(Capped.to(8, List.of(text("é€😀"))))
                .containsExactly(text("é€"), text("[truncated: 4 of 9 bytes left out]"));
    }

    @Test
    void theCapIsOverAllTexts() {
        assertThat(Capped.to(5, List.of(text("abc"), text("def"), text("g"))))
                .containsExactly(
                        text("abc"), text("de"), text("[truncated: 2 of 7 bytes left out]"));
    }

    @Test
    void nothingFollowsTheCut() {
        assertThat(Capped.to(3, List.of(text("ab"), text("€"), text("c"))))
                .containsExactly(text("ab"), text("[truncated: 4 of 6 bytes left out]"));
    }

    @Test
    void anImageThatTheTextLeavesNoRoomForIsReplaced() {
        int size = url(90).length();

        assertThat(Capped.to(size + 1, List.of(image(90), text("abc"))))
                .containsExactly(
                        text("[an image of %d bytes was left out]".formatted(size)), text("abc"));
    }

    @Test
    void imagesShareTheRoom() {
        int size = url(90).length();

        assertThat(Capped.to(2L * size - 1, List.of(image(90), image(90))))
                .containsExactly(
                        image(90), text("[an image of %d bytes was left out]".formatted(size)));
    }

    private static ContentPart text(String text) {
        return new ContentPart.Text(text);
    }

    private static ContentPart image(int size) {
        return new ContentPart.Image(url(size), null, Map.of());
    }

    private static String url(int size) {
        return "data:image/png;base64," + "A".repeat(size);
    }
}
