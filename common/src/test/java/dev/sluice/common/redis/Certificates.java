package dev.sluice.common.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// An authority `ca` of a test's own, and the certificates it gave to `server`, at 127.0.0.1, and
/// to `client`, all of them as PEM files.
final class Certificates {
    private static final char[] STORE_PASSWORD = "changeit".toCharArray();
    private static final String ENCRYPTION = "PBEWithSHA1AndDESede";

    private final Path folder;
    private final KeyStore store;

    private Certificates(Path folder, KeyStore store) {
        this.folder = folder;
        this.store = store;
    }

    static Certificates in(Path folder) {
        Path store = folder.resolve("certificates.p12");
        keytool(store, "ca", "-ext", "bc:c");
        keytool(store, "server", "-signer", "ca", "-ext", "san=ip:127.0.0.1");
        keytool(store, "client", "-signer", "ca");
        try {
            return new Certificates(folder, KeyStore.getInstance(store.toFile(), STORE_PASSWORD));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keytool(Path store, String name, String... more) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-keyalg", "EC", "-validity", "2"));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", "changeit"));
        command.addAll(List.of("-alias", name, "-dname", "CN=" + name));
        command.addAll(List.of(more));
        try {
            Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
            byte[] output = keytool.getInputStream().readAllBytes();
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException(new String(output, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Path certificate(String name) {
        try {
            return pem(name + ".crt", "CERTIFICATE", store.getCertificate(name).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    Path key(String name) {
        return pem(name + ".key", "PRIVATE KEY", encoded(name));
    }

    Path lockedKey(String name, String password) {
        try {
            Key lock =
                    SecretKeyFactory.getInstance(ENCRYPTION)
                            .generateSecret(new PBEKeySpec(password.toCharArray()));
            Cipher cipher = Cipher.getInstance(ENCRYPTION);
            cipher.init(Cipher.ENCRYPT_MODE, lock);
            byte[] locked = cipher.doFinal(encoded(name));
            return pem(
                    name + ".locked",
                    "ENCRYPTED PRIVATE KEY",
                    new EncryptedPrivateKeyInfo(cipher.getParameters(), locked).getEncoded());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] encoded(String name) {
        try {
            return store.getKey(name, STORE_PASSWORD).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path pem(String file, String kind, byte[] content) {
        String text =
                "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                        .formatted(
                                kind,
                                Base64.getMimeEncoder(64, new byte[] {'\n'})
                                        .encodeToString(content),
                                kind);
        try {
            return Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
