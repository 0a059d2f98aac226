package dev.sluice.embedded.mcp;

import java.util.Map;

/// What an added tool does. Runs on a virtual thread of its own and may block; a cancelled call is
/// interrupted.
@FunctionalInterface
public interface ToolWork {
    /// The text of the result.
    String call(Call call) throws InterruptedException;

    /// A call of the tool.
    ///
    /// @param arguments as sent; values may be null
    /// @param meta the request's `_meta`
    record Call(Map<String, Object> arguments, Map<String, Object> meta) {}
}
