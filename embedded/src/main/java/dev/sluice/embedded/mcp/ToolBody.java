package dev.sluice.embedded.mcp;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a tool does. Runs on a virtual thread of its own and may block; a cancelled call is
/// interrupted.
@FunctionalInterface
interface ToolBody {

    /// The text of the result.
    ///
    /// @throws ToolFailure for an error the model should read
    String call(Arguments arguments, Progress progress) throws ToolFailure, InterruptedException;

    /// Where a tool reports how far it is; nothing happens unless the client asked for it.
    @FunctionalInterface
    interface Progress {
        void report(int done, int total);
    }

    /// The arguments of a call, which the server has checked against the tool's schema.
    ///
    /// @param meta the `_meta` of the request
    record Arguments(Map<String, Object> values, Map<String, Object> meta) {

        @Nullable String text(String name) {
            Object value = values.get(name);
            return value == null ? null : value.toString();
        }

        String text(String name, String absent) {
            String text = text(name);
            return text == null ? absent : text;
        }

        double number(String name, double absent, double most) throws ToolFailure {
            Object value = values.getOrDefault(name, absent);
            double number = value instanceof Number n ? n.doubleValue() : Double.NaN;
            if (!(number >= 0 && number <= most)) {
                throw new ToolFailure(name + " must be a number from 0 to " + (long) most);
            }
            return number;
        }
    }
}
