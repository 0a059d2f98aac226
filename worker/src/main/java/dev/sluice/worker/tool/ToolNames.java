package dev.sluice.worker.tool;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The names by which a model knows tools: `<server>__<tool>`, in the 64 characters `A-Za-z0-9_-`
/// that providers allow. A name that is too long, or that several tools would share, is cut and
/// ends in a hash of the tool's own name; it is the same on every worker.
final class ToolNames {
    private static final int LONGEST = 64;
    private static final int HASH = 8;

    private ToolNames() {}

    /// A tool by its source's name and its own.
    record Key(String source, String tool) {}

    /// The names of these tools, in their order; the keys are distinct.
    static List<String> of(List<Key> keys) {
        Map<String, Integer> uses = new HashMap<>();
        keys.forEach(key -> uses.merge(legal(key), 1, Integer::sum));
        Set<String> taken = new HashSet<>();
        for (Key key : keys) {
            if (isFree(key, uses)) {
                taken.add(legal(key));
            }
        }
        List<String> names = new ArrayList<>();
        for (Key key : keys) {
            names.add(isFree(key, uses) ? legal(key) : hashed(key, taken));
        }
        return names;
    }

    private static boolean isFree(Key key, Map<String, Integer> uses) {
        String legal = legal(key);
        return legal.length() <= LONGEST && uses.getOrDefault(legal, 0) == 1;
    }

    private static String legal(Key key) {
        return (key.source() + "__" + key.tool()).replaceAll("[^A-Za-z0-9_-]", "_");
    }

    private static String hashed(Key key, Set<String> taken) {
        String legal = legal(key);
        String head = legal.substring(0, Math.min(legal.length(), LONGEST - HASH - 1));
        String name;
        int round = 0;
        do {
            name = head + "_" + hash(key.source() + "\0" + key.tool() + "\0" + round++);
        } while (!taken.add(name));
        return name;
    }

    private static String hash(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
