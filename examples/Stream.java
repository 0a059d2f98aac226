import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Streams an answer as it is written. Any OpenAI SDK does this with `stream=True`; here are the bytes.
void main() throws Exception {
    String base = Objects.requireNonNullElse(System.getenv("SLUICE_URL"), "http://127.0.0.1:8080");
    String key = Objects.requireNonNullElse(System.getenv("SLUICE_KEY"), "none");
    var request =
            HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
                    .header("content-type", "application/json")
                    .header("authorization", "Bearer " + key)
                    .POST(
                            HttpRequest.BodyPublishers.ofString(
                                    """
                                    {"model": "demo", "stream": true,
                                     "messages": [{"role": "user", "content": "Tell me a story"}]}
                                    """))
                    .build();
    try (var client = HttpClient.newHttpClient()) {
        HttpResponse<Stream<String>> response =
                client.send(request, HttpResponse.BodyHandlers.ofLines());
        response.body().forEach(this::show);
    }
    System.out.println();
}

private final Pattern content = Pattern.compile("\"content\":\"((?:[^\"\\\\]|\\\\.)*)\"");

void show(String line) {
    if (line.contains("\"error\"")) {
        System.out.println(line);
    }
    Matcher delta = content.matcher(line);
    if (line.startsWith("data: ") && delta.find()) {
        System.out.print(delta.group(1).translateEscapes());
        System.out.flush();
    }
}
