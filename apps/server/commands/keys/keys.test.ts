/** Keys are made where the documents say, shared out to roles and replaced, and stay out of what is shared with everybody. */
import { afterAll, afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createVault, loadKeys, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { dayMs, minuteMs } from "@chepiao/kernel";
import { placeOf } from "@chepiao/ports/vault";
import { keyHolders } from "../../roleKeys.ts";
import { CommandFailed, UsageError } from "../command.ts";
import { keysCommand } from "./index.ts";

const root = resolve(import.meta.dir, "../../../..");
const ground = mkdtempSync(join(tmpdir(), "chepiao-keys-command-"));
afterAll(() => rmSync(ground, { recursive: true }));
const said: string[] = [];
const printed = spyOn(console, "log");
beforeEach(() => void printed.mockImplementation((line: string) => void said.push(line)));
afterEach(() => {
  printed.mockReset();
  said.length = 0;
});

const run = (...args: string[]) => keysCommand.run(args);
async function platform(name: string): Promise<string> {
  const file = join(ground, name, "keys.json");
  expect(await run(file)).toBe(0);
  return file;
}

test("no key file that the documents have one make in the clone is taken by git", () => {
  const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n").filter(Boolean);
  const documents = ["README.md", ...new Bun.Glob("docs/operations/*.md").scanSync({ cwd: root })];
  const files = documents.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/chepiao -- keys (?:\w+ )?([\w./-]+\.json)/g)].map(
      ([, file]) => file!,
    ),
  );
  expect(files).toContain("keys.json");
  for (const file of [...files, "keys.order.json"]) {
    expect([file, ignored.some((pattern) => new Bun.Glob(pattern).match(basename(file)))]).toEqual([file, true]);
  }
});

test("a file for each role is written beside the keys, for its owner alone, and over older ones of the same platform", async () => {
  const file = await platform("split");
  const folder = join(ground, "split");
  expect(await run("split", file)).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(
    ["keys.json", ...keyHolders.map((holder) => `keys.${holder}.json`)].sort(),
  );
  for (const holder of keyHolders) {
    const path = join(folder, `keys.${holder}.json`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await loadKeys(path)).roles).toEqual([holder]);
  }
  await run("rotate", file);
  expect(await run("split", file)).toBe(0);
  expect((await loadKeys(join(folder, "keys.order.json"))).signing).toHaveLength(2);
  // The public ones only.
  const { signing, publicKeys } = await loadKeys(join(folder, "keys.search.json"));
  expect([signing, publicKeys!.length]).toEqual([undefined, 2]);
});

test("a process with several roles is given one file, and another platform's files are left as they are", async () => {
  const [one, other] = [await platform("one"), await platform("other")];
  const shared = join(ground, "shared");
  expect(await run("split", one, shared, "--roles=search, gateway")).toBe(0);
  const path = join(shared, "keys.gateway+search.json");
  expect(readdirSync(shared)).toEqual([basename(path)]);
  const before = readFileSync(path, "utf8");
  expect(run("split", other, shared, "--roles=gateway,search")).rejects.toThrow(CommandFailed);
  expect(readFileSync(path, "utf8")).toBe(before);
  expect(run("split", one, shared, "--roles=gatway")).rejects.toThrow(UsageError);
  expect(run("split", join(ground, "nowhere.json"))).rejects.toThrow("no key file");
  expect(run("split", path)).rejects.toThrow("was made for gateway, search");
});

test("keys are replaced for a time to come, and what was sealed and signed before stays valid", async () => {
  const file = await platform("rotated");
  const place = placeOf("t_user.phone_sealed", 1);
  const before = createVault(await loadOrCreateKeys(file));
  const [sealed, signed] = [before.seal("13900000000", place), before.sign((keyId) => keyId)];
  const [earliest, latest] = [Date.now() + dayMs, Date.now() + dayMs + minuteMs];
  expect(await run("rotate", file)).toBe(0);
  expect(said.join("\n")).toContain("keys split");
  const keys = await loadOrCreateKeys(file);
  for (const { usedFrom } of [keys.sealing[0]!, keys.signing[0]!]) {
    expect(usedFrom).toBeGreaterThanOrEqual(earliest);
    expect(usedFrom).toBeLessThan(latest);
  }
  for (const at of [Date.now(), Date.now() + 2 * dayMs]) {
    const vault = createVault(keys, () => at);
    expect(vault.open(sealed, place)).toBe("13900000000");
    expect(vault.verify(signed.text, signed.signature, signed.text)).toBe(true);
    expect(vault.sign((keyId) => keyId).text === signed.text).toBe(at < earliest);
  }
});

test("a time that would reach some processes too late is refused, and so is what cannot be replaced", async () => {
  const file = await platform("refused");
  const text = readFileSync(file, "utf8");
  for (const wrong of ["--after=1m", "--after=soon", "--after=-5m", "--only=fingerprint", "--only="])
    expect(run("rotate", file, wrong)).rejects.toThrow(UsageError);
  for (const wrong of [
    ["rotate"],
    ["rotate", file, "more"],
    ["split"],
    ["show"],
    ["drop", file],
    ["show", file, "--after=7d"],
    [file, "--only=secrets"],
  ])
    expect(run(...wrong)).rejects.toThrow(UsageError);
  expect(run("rotate", join(ground, "nowhere.json"))).rejects.toThrow(CommandFailed);
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(existsSync(join(ground, "nowhere.json"))).toBe(false);
});

test("what processes show each other can be replaced alone", async () => {
  const file = await platform("secrets");
  const before = await loadOrCreateKeys(file);
  expect(await run("rotate", file, "--only=secrets")).toBe(0);
  const { secretRoot, ...rest } = await loadOrCreateKeys(file);
  const { secretRoot: old, ...restBefore } = before;
  expect(rest).toEqual(restBefore);
  expect(secretRoot).not.toBe(old);
});

test("a signing key that somebody else may know is taken out; one in use, and one that seals, is not", async () => {
  const file = await platform("dropped");
  const leaked = (await loadOrCreateKeys(file)).signing[0]!.keyId;
  expect(run("drop", file, leaked)).rejects.toThrow("signs at present");
  await run("rotate", file, "--after=0", "--only=signing");
  const { text, signature } = createVault(await loadOrCreateKeys(file)).sign((keyId) => keyId);
  expect(await run("drop", file, leaked)).toBe(0);
  const keys = await loadOrCreateKeys(file);
  expect(keys.signing.map(({ keyId }) => keyId)).toEqual([text]);
  expect(createVault(keys).verify(text, signature, text)).toBe(true);
  expect(run("drop", file, keys.sealing[0]!.keyId)).rejects.toThrow("never be read again");
  expect(run("drop", file, "t00000000")).rejects.toThrow("There is no key");
});

test("what is in a file is shown by name and time, without a key", async () => {
  const file = await platform("shown");
  await run("rotate", file, "--only=signing");
  await run("split", file, "--roles=order");
  said.length = 0;
  expect(await run("show", file)).toBe(0);
  expect(await run("show", join(ground, "shown", "keys.order.json"))).toBe(0);
  const text = said.join("\n");
  const { signing, sealing, fingerprint } = await loadOrCreateKeys(file);
  expect(text).toMatch(new RegExp(`signing +${signing[0]!.keyId} +from 20`));
  expect(text).toMatch(new RegExp(`signing +${signing[1]!.keyId} +in use`));
  expect(text).toContain("made for     order");
  for (const secret of [sealing[0]!.key, fingerprint, "PRIVATE KEY"]) expect(text).not.toContain(secret);
  const broken = join(ground, "broken.json");
  writeFileSync(broken, "{}", { mode: 0o600 });
  expect(run("show", broken)).rejects.toThrow("is not of the format");
});
