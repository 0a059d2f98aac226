package dev.sluice.worker.tool.mcp;

import dev.sluice.common.run.ContentPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Content cut to a size. Text comes first: it may fill all of it, counted in bytes of UTF-8;
/// images share what it leaves. What had to go is said in the text.
final class Capped {
    private Capped() {}

    /// As much of `content` as fits into `cap` bytes.
    static List<ContentPart> to(long cap, List<ContentPart> content) {
        long texts = 0;
        for (ContentPart part : content) {
            texts += part instanceof ContentPart.Text(String text, _) ? bytes(text) : 0;
        }
        long textLeft = Math.min(cap, texts);
        long imagesLeft = cap - textLeft;
        long kept = 0;
        List<ContentPart> fitting = new ArrayList<>();
        for (ContentPart part : content) {
            switch (part) {
                case ContentPart.Text(String text, var extra) -> {
                    String head = head(text, textLeft - kept);
                    kept += bytes(head);
                    if (head.length() < text.length()) {
                        textLeft = kept;
                    }
                    if (!head.isEmpty() || text.isEmpty()) {
                        fitting.add(new ContentPart.Text(head, extra));
                    }
                }
                case ContentPart.Image(String url, _, _) -> {
                    if (url.length() <= imagesLeft) {
                        imagesLeft -= url.length();
                        fitting.add(part);
                    } else {
                        fitting.add(
                                told(
                                        "an image of %s bytes was left out"
                                                .formatted(number(url.length()))));
                    }
                }
                default -> fitting.add(part);
            }
        }
        if (kept < texts) {
            fitting.add(
                    told(
                            "truncated: %s of %s bytes left out"
                                    .formatted(number(texts - kept), number(texts))));
        }
        return fitting;
    }

    private static ContentPart told(String what) {
        return new ContentPart.Text("[" + what + "]");
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /// The longest beginning of `text` that takes no more than `limit` bytes.
    private static String head(String text, long limit) {
        int end = 0;
        for (long used = 0; end < text.length(); ) {
            int point = text.codePointAt(end);
            used += width(point);
            if (used > limit) {
                break;
            }
            end += Character.charCount(point);
        }
        return text.substring(0, end);
    }

    private static long bytes(String text) {
        return text.codePoints().mapToLong(Capped::width).sum();
    }

    /// The bytes of a code point in UTF-8. Half of a surrogate pair is written as a question mark.
    private static int width(int point) {
        if (point < 0x80) {
            return 1;
        }
        if (point < 0x800) {
            return 2;
        }
        if (point < 0x10000) {
            return Character.isSurrogate((char) point) ? 1 : 3;
        }
        return 4;
    }
}
