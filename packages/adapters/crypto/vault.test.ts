/** The real vault, and the key file it lives by. */
import { afterAll, expect, test } from "bun:test";
import { createCipheriv, createPublicKey, randomBytes, verify } from "node:crypto";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyMissing, placeOf, SealBroken } from "@chepiao/ports/vault";
import { epochMs } from "@chepiao/kernel";
import { vaultSuite } from "@chepiao/ports/vault/vault.suite.ts";
import { createVault, generateKeys, type KeyNeeds, loadOrCreateKeys, missingIn, partOf, rotateKeys } from "./index.ts";

const [keys, others] = [generateKeys(), generateKeys()];
vaultSuite(
  "node:crypto",
  () => createVault(keys),
  () => createVault(others),
);

const place = placeOf("t_passenger.document_sealed", 7);

const folder = await mkdtemp(join(tmpdir(), "chepiao-keys-"));
afterAll(() => rm(folder, { recursive: true }));

test("after keys are replaced, what was sealed and signed before stays valid, and lookups still find", () => {
  const [before, after] = [createVault(keys), createVault(rotateKeys(keys))];
  expect(after.open(before.seal("secret", place), place)).toBe("secret");
  const [old, now] = [before, after].map((vault) => vault.sign((keyId) => `ticket by ${keyId}`));
  expect(after.verify(old!.text, old!.signature, before.publicKeys()[0]!.keyId)).toBe(true);
  expect(after.fingerprint("phone:1")).toBe(before.fingerprint("phone:1"));
  expect(after.publicKeys().slice(1)).toEqual([...before.publicKeys()]);
  expect(after.publicKeys()[0]!.keyId).not.toBe(before.publicKeys()[0]!.keyId);
  expect(() => before.open(after.seal("secret", place), place)).toThrow(SealBroken);
  expect(before.verify(now!.text, now!.signature)).toBe(false);
});

test("what is sealed of the longest mail address finds room in its column", () => {
  const longest = `${"l".repeat(58)}@${"a".repeat(191)}.com`;
  expect(longest).toHaveLength(254);
  expect(createVault(rotateKeys(keys)).seal(longest, place).length).toBeLessThanOrEqual(600);
});

test("a new key is known before it is used, so that processes that switch at different moments read each other", () => {
  const usedFrom = epochMs(1_000_000);
  const rotated = rotateKeys(keys, { usedFrom });
  const time = { now: 0 };
  const [early, late] = [createVault(rotated, () => time.now), createVault(rotated, () => time.now - 5_000)];
  const [present, next] = early.publicKeys();
  expect([present, next]).toEqual([
    createVault(keys).publicKeys()[0]!,
    createVault(rotateKeys(rotated), () => usedFrom).publicKeys()[1]!,
  ]);
  for (time.now = usedFrom - 1; time.now <= usedFrom + 5_000; time.now += 1_000) {
    for (const [one, other] of [
      [early, late],
      [late, early],
    ] as const) {
      expect(other.open(one.seal("secret", place), place)).toBe("secret");
      const { text, signature } = one.sign((keyId) => keyId);
      expect(text).toBe(one.publicKeys()[0]!.keyId);
      expect(other.verify(text, signature, text)).toBe(true);
    }
  }
  expect(late.publicKeys()[0]).toEqual(next);
  expect(early.seal("secret", place).split(".")[1]).toBe(rotated.sealing[0]!.keyId);
});

test("a part of the keys does what it was made for, and nothing else can be done with it", () => {
  const whole = createVault(keys);
  const part = (needs: Partial<KeyNeeds>) => createVault(partOf(keys, ["some"], { secrets: [], ...needs }));
  const can: Record<string, (vault: ReturnType<typeof createVault>) => unknown> = {
    sealing: (vault) => whole.open(vault.seal("secret", place), place) + vault.open(whole.seal("secret", place), place),
    fingerprint: (vault) => vault.fingerprint("phone:1"),
    signing: (vault) => vault.sign((keyId) => keyId),
    publicKeys: (vault) => vault.publicKeys(),
    secret: (vault) => vault.secret("one to another"),
    another: (vault) => vault.secret("of no business"),
  };
  const doable = (vault: ReturnType<typeof createVault>) =>
    Object.keys(can).filter((name) => {
      try {
        can[name]!(vault);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(KeyMissing);
        return false;
      }
    });
  expect(doable(whole)).toEqual(Object.keys(can));
  expect(doable(part({}))).toEqual([]);
  expect(doable(part({ sealing: true }))).toEqual(["sealing"]);
  expect(doable(part({ fingerprint: true }))).toEqual(["fingerprint"]);
  expect(doable(part({ signing: true }))).toEqual(["signing", "publicKeys"]);
  expect(doable(part({ publicKeys: true }))).toEqual(["publicKeys"]);
  expect(doable(part({ secrets: ["one to another"] }))).toEqual(["secret"]);
  expect(part({ publicKeys: true }).publicKeys()).toEqual(whole.publicKeys());
  expect(part({ secrets: ["one to another"] }).secret("one to another")).toBe(whole.secret("one to another"));
  expect(part({ fingerprint: true }).fingerprint("phone:1")).toBe(whole.fingerprint("phone:1"));
});

test("what a part lacks is named, and the whole lacks nothing", () => {
  const all: KeyNeeds = { sealing: true, fingerprint: true, signing: true, publicKeys: true, secrets: ["a to b"] };
  expect(missingIn(keys, all)).toEqual([]);
  expect(missingIn(partOf(keys, ["some"], all), all)).toEqual([]);
  expect(missingIn(partOf(keys, ["some"], { publicKeys: true, secrets: [] }), all)).toEqual([
    "the sealing keys",
    "the fingerprint key",
    "the signing keys",
    'the secret "a to b"',
  ]);
});

test("keys of an older version, without a root of secrets, make the same secrets in every process", () => {
  const { secretRoot: _, ...older } = keys;
  expect(createVault(older).secret("one to another")).toBe(createVault(older).secret("one to another"));
  expect(createVault(older).secret("one to another")).not.toBe(createVault(keys).secret("one to another"));
  const renewed = rotateKeys(older, { kinds: ["secrets"] });
  expect(createVault(renewed).secret("one to another")).not.toBe(createVault(older).secret("one to another"));
  expect(createVault(renewed).fingerprint("phone:1")).toBe(createVault(older).fingerprint("phone:1"));
});

test("what an older version sealed, which knew no place, still opens, and only as it was", () => {
  const { keyId, key } = keys.sealing[0]!;
  const nonce = randomBytes(12);
  const sealer = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), nonce).setAAD(Buffer.from(keyId));
  const text = Buffer.concat([sealer.update("11010519491231002X"), sealer.final()]);
  const body = Buffer.concat([nonce, sealer.getAuthTag(), text]).toString("base64url");
  const vault = createVault(keys);
  expect(vault.open(`${keyId}.${body}`, place)).toBe("11010519491231002X");
  // Neither form passes for the other.
  expect(() => vault.open(`2.${keyId}.${body}`, place)).toThrow(SealBroken);
  expect(() => vault.open(vault.seal("secret", place).slice(2), place)).toThrow(SealBroken);
});

test("a sealed document fits its column", () => {
  const longest = "A".repeat(20);
  expect(
    createVault({ ...keys, sealing: [{ ...keys.sealing[0]!, keyId: "k".repeat(32) }] }).seal(longest, place).length,
  ).toBeLessThan(255);
});

test("a gate checks a signature with the public key alone", () => {
  const vault = createVault(keys);
  const publicKey = createPublicKey(vault.publicKeys()[0]!.publicKeyPem);
  const signature = Buffer.from(vault.sign(() => "票 E0001").signature, "base64url");
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
