/** The real vault, and the key file it lives by. */
import { afterAll, expect, test } from "bun:test";
import { createPublicKey, verify } from "node:crypto";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SealBroken } from "@chepiao/ports/vault";
import { vaultSuite } from "@chepiao/ports/vault/vault.suite.ts";
import { createVault, generateKeys, loadOrCreateKeys, rotateKeys } from "./index.ts";

const [keys, others] = [generateKeys(), generateKeys()];
vaultSuite(
  "node:crypto",
  () => createVault(keys),
  () => createVault(others),
);

const folder = await mkdtemp(join(tmpdir(), "chepiao-keys-"));
afterAll(() => rm(folder, { recursive: true }));

test("after keys are replaced, what was sealed and signed before stays valid, and lookups still find", () => {
  const [before, after] = [createVault(keys), createVault(rotateKeys(keys))];
  expect(after.open(before.seal("secret"))).toBe("secret");
  expect(after.verify("ticket", before.sign("ticket"))).toBe(true);
  expect(after.fingerprint("phone:1")).toBe(before.fingerprint("phone:1"));
  expect(after.keyId).not.toBe(before.keyId);
  expect(() => before.open(after.seal("secret"))).toThrow(SealBroken);
  expect(before.verify("ticket", after.sign("ticket"))).toBe(false);
});

test("a gate checks a signature with the public key alone", () => {
  const vault = createVault(keys);
  const publicKey = createPublicKey(vault.publicKeyPem);
  const signature = Buffer.from(vault.sign("票 E0001"), "base64url");
  expect(verify(null, Buffer.from("票 E0001"), publicKey, signature)).toBe(true);
});

test("the key file is made once, for its owner only, and read ever after", async () => {
  const path = join(folder, "new", "keys.json");
  const made = await loadOrCreateKeys(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await loadOrCreateKeys(path)).toEqual(made);
  expect(await readdir(join(folder, "new"))).toEqual(["keys.json"]);
});

test("processes that start together end up with the same keys", async () => {
  const path = join(folder, "together.json");
  const all = await Promise.all(Array.from({ length: 10 }, () => loadOrCreateKeys(path)));
  expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1);
});

test("a key file that is damaged, foreign or open to all is refused by name, and left as it is", async () => {
  const path = join(folder, "bad.json");
  const good = { format: "chepiao-keys-1", ...keys };
  const bad: [string, unknown][] = [
    ["is damaged", "{ half"],
    ["is not of the format", {}],
    ["is not of the format", null],
    ["no usable sealing key", { ...good, sealing: [] }],
    ["no usable sealing key", { ...good, sealing: [{ keyId: "a", key: "c2hvcnQ=" }] }],
    ["no usable fingerprint key", { ...good, fingerprint: "" }],
    ["no usable signing key", { ...good, signing: [{ keyId: "a", privateKeyPem: "nonsense" }] }],
  ];
  for (const [says, content] of bad) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await writeFile(path, text, { mode: 0o600 });
    expect(loadOrCreateKeys(path)).rejects.toThrow(says);
    expect(loadOrCreateKeys(path)).rejects.toThrow(path);
    await loadOrCreateKeys(path).catch((error: Error) => expect(error.message).not.toContain(keys.fingerprint));
    expect(await Bun.file(path).text()).toBe(text);
  }
  await writeFile(path, JSON.stringify(good));
  await chmod(path, 0o644);
  expect(loadOrCreateKeys(path)).rejects.toThrow("chmod 600");
  expect(loadOrCreateKeys(folder)).rejects.toThrow(folder);
});
