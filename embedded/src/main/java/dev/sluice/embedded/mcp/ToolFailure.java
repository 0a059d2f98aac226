package dev.sluice.embedded.mcp;

/// An error result: its message is for the model.
final class ToolFailure extends Exception {

    private static final long serialVersionUID = 1;

    ToolFailure(String message) {
        super(message, null, false, false);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
