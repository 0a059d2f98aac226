package dev.sluice.worker.tool;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An MCP server over standard input and output that misbehaves as its arguments and its tools'
/// names say.
final class ScriptedServerMain {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final int PAGE = 3;

    private final List<String> faults;
    private final ArrayNode cancelled = MAPPER.createArrayNode();
    private final ArrayNode answers = MAPPER.createArrayNode();
    private final List<String> tools =
            new ArrayList<>(
                    List.of(
                            "meta",
                            "result",
                            "refuse",
                            "die",
                            "hang",
                            "cancelled",
                            "grow",
                            "env",
                            "chatter",
                            "pid"));

    private ScriptedServerMain(List<String> faults) {
        this.faults = faults;
    }

    public static void main(String[] args) throws Exception {
        new ScriptedServerMain(List.of(args)).run();
    }

    private void run() throws IOException, InterruptedException {
        System.err.println("hello from the scripted server");
        if (faults.contains("exit")) {
            Runtime.getRuntime().halt(3);
        }
        if (faults.contains("stubborn")) {
            Runtime.getRuntime().addShutdownHook(new Thread(ScriptedServerMain::never));
        }
        if (faults.contains("parent")) {
            new ProcessBuilder("sleep", "600").start();
        }
        if (faults.contains("garbage")) {
            OUT.println("Starting up...\n{ this is no JSON\n42\n");
        }
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode message = MAPPER.readTree(line);
            if (!message.has("method")) {
                answers.add(message);
            } else if (message.has("id")) {
                answer(message);
            } else if (message.path("method").asString().equals("notifications/cancelled")) {
                cancelled.add(message.path("params"));
            }
        }
        if (faults.contains("stubborn")) {
            never();
        }
    }

    private void answer(JsonNode request) {
        ObjectNode reply = MAPPER.createObjectNode().put("jsonrpc", "2.0");
        if (faults.contains("text-ids")) {
            reply.put("id", request.path("id").asString());
        } else {
            reply.set("id", request.path("id"));
        }
        switch (request.path("method").asString()) {
            case "initialize" -> {
                if (!faults.contains("silent")) {
                    initialized(reply.putObject("result"));
                    OUT.println(reply);
                }
            }
            case "tools/list" -> {
                list(reply.putObject("result"), request.path("params").path("cursor").asInt(0));
                OUT.println(reply);
            }
            case "tools/call" -> call(request.path("params"), reply);
            default -> reply.putObject("result");
        }
    }

    private void initialized(ObjectNode result) {
        result.put("protocolVersion", faults.contains("ancient") ? "1999-01-01" : "2025-06-18");
        result.putObject("capabilities").putObject("tools").put("listChanged", true);
        result.putObject("serverInfo").put("name", "scripted").put("version", "1");
    }

    private void list(ObjectNode result, int from) {
        ArrayNode page = result.putArray("tools");
        for (String name : tools.subList(from, Math.min(from + PAGE, tools.size()))) {
            ObjectNode tool = page.addObject().put("name", name);
            tool.putObject("inputSchema").put("type", "object").putObject("properties");
            if (name.equals("pid")) {
                tool.put("title", "Process id");
                tool.putObject("annotations").put("readOnlyHint", true);
            } else {
                tool.put("description", "Does " + name);
            }
        }
        if (from + PAGE < tools.size()) {
            result.put("nextCursor", Integer.toString(from + PAGE));
        }
    }

    private void call(JsonNode params, ObjectNode reply) {
        JsonNode arguments = params.path("arguments");
        switch (params.path("name").asString()) {
            case "meta" -> text(reply, params.path("_meta").toString());
            case "result" -> reply.set("result", arguments);
            case "refuse" ->
                    reply.putObject("error").put("code", -32602).put("message", "no such city");
            case "die" -> Runtime.getRuntime().halt(7);
            case "hang" -> {
                return;
            }
            case "cancelled" -> text(reply, cancelled.toString());
            case "grow" -> {
                tools.add("grown" + tools.size());
                OUT.println(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}");
                text(reply, "grown");
            }
            case "env" -> text(reply, MAPPER.writeValueAsString(System.getenv()));
            case "pid" -> text(reply, Long.toString(ProcessHandle.current().pid()));
            case "chatter" -> {
                OUT.println(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":"
                                + "{\"progressToken\":1,\"progress\":0.5}}");
                OUT.println("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}");
                OUT.println("{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":\"roots/list\"}");
                OUT.println("{\"jsonrpc\":\"2.0\",\"id\":4711,\"result\":{}}");
                text(reply, answers.toString());
            }
            default -> text(reply, "called " + params.path("name").asString());
        }
        OUT.println(reply);
    }

    private static void text(ObjectNode reply, String text) {
        ObjectNode result = reply.putObject("result");
        result.putArray("content").addObject().put("type", "text").put("text", text);
    }

    private static void never() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
