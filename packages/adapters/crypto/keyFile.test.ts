/** Key files that are replaced while processes live on them. */
import { afterAll, expect, test } from "bun:test";
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { epochMs, hourMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { placeOf } from "@chepiao/ports/vault";
import {
  generateKeys,
  keyFilePollMs,
  KeyFileRefused,
  loadKeys,
  loadOrCreateKeys,
  openVault,
  partOf,
  replaceKeys,
  rotateKeys,
} from "./index.ts";

const folder = await mkdtemp(join(tmpdir(), "chepiao-key-file-"));
afterAll(() => rm(folder, { recursive: true }));
const place = placeOf("t_passenger.document_sealed", 7);
const userNeeds = { sealing: true, fingerprint: true, secrets: ["order calls user"] };

test("keys are replaced whole, for the same readers, and through a link", async () => {
  const path = join(folder, "whole.json");
  const keys = await loadOrCreateKeys(path);
  await chmod(path, 0o640);
  const linked = join(folder, "linked.json");
  await symlink(path, linked);
  const rotated = rotateKeys(keys, { usedFrom: epochMs(5) });
  await replaceKeys(linked, rotated);
  expect(await loadOrCreateKeys(path)).toEqual(rotated);
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect((await readdir(folder)).filter((name) => name.includes(".new"))).toEqual([]);
});

test("two who replace keys at a time do not lose each other's: one is refused, and nothing is left behind", async () => {
  const path = join(folder, "twice.json");
  const keys = await loadOrCreateKeys(path);
  const both = await Promise.allSettled([1, 2].map(() => replaceKeys(path, rotateKeys(keys))));
  const refused = both.filter(({ status }) => status === "rejected");
  expect(refused.length).toBeLessThan(2);
  for (const { reason } of refused as PromiseRejectedResult[]) expect(String(reason)).toContain("somebody else");
  expect((await loadOrCreateKeys(path)).signing).toHaveLength(2);
  await writeFile(`${path}.new`, "half");
  expect(replaceKeys(path, keys)).rejects.toThrow("broken off");
  expect((await loadOrCreateKeys(path)).signing).toHaveLength(2);
  await unlink(`${path}.new`);
});

test("a role's file is read as what it is, and never taken for the platform's keys", async () => {
  const path = join(folder, "keys.user.json");
  const keys = generateKeys();
  const part = partOf(keys, ["user"], userNeeds);
  await replaceKeys(path, part);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await loadKeys(path)).toMatchObject(part);
  const text = await readFile(path, "utf8");
  for (const secret of [keys.signing[0]!.privateKeyPem.split("\n")[1]!, keys.secretRoot!])
    expect(text).not.toContain(secret);
  expect(loadOrCreateKeys(path)).rejects.toThrow("was made for user");
  for (const wrong of [{ sealing: [] }, { signing: "x" }, { secrets: { a: 1 } }, { platform: 7 }, { roles: "user" }]) {
    await writeFile(path, JSON.stringify({ format: "chepiao-role-keys-1", ...part, ...wrong }), { mode: 0o600 });
    expect([wrong, await loadKeys(path).catch((error: unknown) => error instanceof KeyFileRefused)]).toEqual([
      wrong,
      true,
    ]);
  }
});

/** A vault on a file, with time in hand. */
async function living(name: string, needs?: typeof userNeeds) {
  const path = join(folder, name);
  const clock = createManualClock(epochMs(0));
  const said: string[] = [];
  const report = (message: string, error?: unknown) =>
    void said.push(error instanceof Error ? `${message}: ${error.message}` : message);
  const vault = await openVault({ path, clock, report, ...(needs ? { needs } : {}) });
  /** A minute later, when the file was looked at. */
  const lookedAgain = async () => {
    await clock.advance(keyFilePollMs);
    await Bun.sleep(30);
  };
  return { path, clock, said, vault, lookedAgain };
}

test("a process takes over new keys while it lives, and uses them when their time has come", async () => {
  const one = await living("rotated.json");
  const keys = await loadOrCreateKeys(one.path);
  const old = one.vault.seal("secret", place);
  await replaceKeys(one.path, rotateKeys(keys, { usedFrom: epochMs(hourMs) }));
  expect(one.vault.publicKeys()).toHaveLength(1);
  await one.lookedAgain();
  expect(one.said).toEqual(["the key file has changed, and was taken over"]);
  expect(one.vault.publicKeys().map(({ keyId }) => keyId)[0]).toBe(keys.signing[0]!.keyId);
  expect(one.vault.publicKeys()).toHaveLength(2);
  await one.clock.advance(hourMs);
  expect(one.vault.sign((keyId) => keyId).text).not.toBe(keys.signing[0]!.keyId);
  expect(one.vault.open(old, place)).toBe("secret");
  one.vault[Symbol.dispose]();
  await replaceKeys(one.path, rotateKeys(await loadOrCreateKeys(one.path)));
  await one.lookedAgain();
  expect(one.said).toHaveLength(1);
});

test("a file that is damaged, gone, another platform's or short of a key is told once, and the keys before stay", async () => {
  const one = await living("kept.json");
  const keys = await loadOrCreateKeys(one.path);
  const twice = rotateKeys(keys);
  await replaceKeys(one.path, twice);
  await one.lookedAgain();
  one.said.length = 0;
  const sealed = one.vault.seal("secret", place);
  for (const [says, change] of [
    ["is damaged", () => writeFile(one.path, "{ half")],
    [
      "lacks keys that are in use",
      () => writeFile(one.path, JSON.stringify({ format: "chepiao-keys-1", ...generateKeys() })),
    ],
    ["lacks keys that are in use", () => writeFile(one.path, JSON.stringify({ format: "chepiao-keys-1", ...keys }))],
    ["is not there", () => unlink(one.path)],
  ] as const) {
    const before = one.said.length;
    await change();
    await one.lookedAgain();
    await one.lookedAgain();
    expect(one.said.slice(before).every((line) => line.includes(says))).toBe(true);
    expect(one.vault.open(sealed, place)).toBe("secret");
  }
  expect(one.said.length).toBeGreaterThanOrEqual(3);
  expect(await readdir(folder)).not.toContain("kept.json");
  one.vault[Symbol.dispose]();
});

test("a process that is given another role's file does not start, and says what it lacks", async () => {
  const keys = generateKeys();
  await replaceKeys(join(folder, "keys.gateway.json"), partOf(keys, ["gateway"], { secrets: ["gateway to user"] }));
  expect(living("keys.gateway.json", userNeeds)).rejects.toThrow(
    'made for gateway, lacks the sealing keys, the fingerprint key, the secret "order calls user"',
  );
  expect(living("nowhere.json", userNeeds)).rejects.toThrow("is not there");
  expect(await readdir(folder)).not.toContain("nowhere.json");
});
