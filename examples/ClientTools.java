import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A tool of the client's own beside the agent's: the first answer asks for it, the second request
/// brings its result, and the run goes on where it left off.
void main() throws Exception {
    String question =
            """
            {"role": "user", "content": "Which room am I in, and what time is it in Tokyo?"}""";
    String first = ask(question);
    Matcher call = Pattern.compile("\"tool_calls\":(\\[.*?\\}\\])").matcher(first);
    if (!call.find()) {
        System.out.println(first);
        return;
    }
    Matcher id = Pattern.compile("\"id\":\"(call_[^\"]+)\"").matcher(call.group(1));
    id.find();
    System.out.println("the model wants: " + call.group(1));
    System.out.println(
            ask(
                    question
                            + ", {\"role\": \"assistant\", \"content\": null, \"tool_calls\": "
                            + call.group(1)
                            + "}, {\"role\": \"tool\", \"tool_call_id\": \""
                            + id.group(1)
                            + "\", \"content\": \"the library\"}"));
}

String ask(String messages) throws Exception {
    String base = Objects.requireNonNullElse(System.getenv("SLUICE_URL"), "http://127.0.0.1:8080");
    String key = Objects.requireNonNullElse(System.getenv("SLUICE_KEY"), "none");
    String body =
            """
            {"model": "demo", "messages": [%s],
             "tools": [{"type": "function", "function": {"name": "current_room",
               "description": "Tells which room the user is in.",
               "parameters": {"type": "object", "properties": {}}}}]}
            """
                    .formatted(messages);
    var request =
            HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
                    .header("content-type", "application/json")
                    .header("authorization", "Bearer " + key)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
    try (var client = HttpClient.newHttpClient()) {
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
