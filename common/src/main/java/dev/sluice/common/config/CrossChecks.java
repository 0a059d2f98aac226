package dev.sluice.common.config;

import static dev.sluice.common.config.binding.Findings.child;

import dev.sluice.common.config.binding.Findings;
import dev.sluice.common.config.binding.Nearest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The rules that look at more than one record of the tree.
final class CrossChecks {
    private static final String AGENT_NAME = "[A-Za-z0-9._:/-]{1,128}";
    private static final String NAME = "[A-Za-z0-9_-]{1,64}";

    private final SluiceConfig config;
    private final Findings findings;

    CrossChecks(SluiceConfig config, Findings findings) {
        this.config = config;
        this.findings = findings;
    }

    void run() {
        String plain = "is not a name: letters, digits, '_' and '-', 64 at the most";
        names(config.providers().keySet(), "providers", NAME, plain);
        names(config.mcpServers().keySet(), "mcp_servers", NAME, plain);
        names(
                config.agents().keySet(),
                "agents",
                AGENT_NAME,
                "is not a name: letters, digits and . _ : / -, 128 at the most");
        config.agents().forEach(this::agent);
        keys();
        jobs();
        openGateway();
        retention();
    }

    private void names(Set<String> names, String section, String legal, String rule) {
        for (String name : names) {
            if (!name.matches(legal)) {
                findings.refuseAsWhole(child(section, name), rule);
            }
        }
    }

    private void agent(String name, AgentConfig agent) {
        String path = child("agents", name);
        refers(child(path, "provider"), agent.provider(), "providers");
        for (int i = 0; i < agent.mcpServers().size(); i++) {
            refers(
                    findings.element(child(path, "mcp_servers"), i),
                    agent.mcpServers().get(i),
                    "mcp_servers");
        }
    }

    private void refers(String path, String name, String section) {
        // By the file's names, not the tree's: what is there but faulty is complained about there.
        Set<String> known = findings.names(section);
        if (!known.contains(name)) {
            String rule = "is not one of the " + section + Nearest.hint(name, known);
            findings.refuse(path, rule, section);
        }
    }

    private void keys() {
        Map<String, String> ids = new HashMap<>();
        Map<String, String> secrets = new HashMap<>();
        List<KeyConfig> keys = config.keys();
        for (int i = 0; i < keys.size(); i++) {
            KeyConfig key = keys.get(i);
            String path = findings.element("keys", i);
            unique(ids, key.id(), path, "id");
            if (key.key() != null) {
                unique(secrets, digest(key.key()), path, "key");
            }
            if (key.sha256() != null) {
                String sha256 = key.sha256().reveal().toLowerCase(Locale.ROOT);
                unique(secrets, sha256, path, "sha256");
            }
        }
    }

    private void jobs() {
        List<String> ids = config.keys().stream().map(KeyConfig::id).toList();
        List<JobsConfig.Source> sources = config.jobs().sources();
        for (int i = 0; i < sources.size(); i++) {
            String key = sources.get(i).key();
            if (!ids.contains(key)) {
                findings.refuse(
                        child(findings.element("jobs.sources", i), "key"),
                        "is not the id of one of the keys" + Nearest.hint(key, ids),
                        "keys");
            }
        }
    }

    private void unique(Map<String, String> seen, String value, String path, String name) {
        if (findings.isFaulty(child(path, name))) {
            // Then it is not what the file says, and nobody's twin.
            return;
        }
        @Nullable String twin = seen.putIfAbsent(value, path);
        if (twin != null && !twin.equals(path)) {
            String what = name.equals("id") ? "id" : "secret";
            findings.refuse(child(path, name), "is the " + what + " of " + twin + " already");
        }
    }

    private static String digest(Secret key) {
        try {
            byte[] secret = key.reveal().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(secret));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private void openGateway() {
        GatewayConfig gateway = config.gateway();
        boolean keys = findings.has(Findings.item("keys", 0));
        if (!keys && !gateway.allowAnonymous() && !isLoopback(gateway.host())) {
            findings.refuse(
                    "gateway.host",
                    "is not a loopback address and there are no keys: add keys, bind 127.0.0.1,"
                            + " or say gateway.allow_anonymous: true",
                    "keys",
                    "gateway.allow_anonymous");
        }
    }

    /// By its text alone: a name is not looked up, so that the check needs no network.
    private static boolean isLoopback(String host) {
        return host.equals("localhost")
                || host.matches("127(\\.\\d{1,3}){3}")
                || host.matches("\\[?(::1|0:0:0:0:0:0:0:1)]?");
    }

    private void retention() {
        if (config.kafka().replyRetention().compareTo(config.gateway().runTimeout()) <= 0) {
            findings.refuse(
                    "kafka.reply_retention",
                    "must be longer than gateway.run_timeout, else the log forgets runs under way",
                    "gateway.run_timeout");
        }
        if (config.kafka().auditRetention().compareTo(config.kafka().replyRetention()) < 0) {
            findings.refuse(
                    "kafka.audit_retention",
                    "must not be shorter than kafka.reply_retention: where Redis lost its data the"
                            + " audit stream says which runs have ended",
                    "kafka.reply_retention");
        }
        if (config.run().retention().compareTo(config.kafka().replyRetention()) > 0) {
            findings.refuse(
                    "run.retention",
                    "must not be longer than kafka.reply_retention: the log forgets runs by then",
                    "kafka.reply_retention");
        }
    }
}
