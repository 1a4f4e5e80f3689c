/** When a backup counts as verified. */
import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetVerified, contentsOf, noteVerified, verifiedIn } from "./verified.ts";

const root = mkdtempSync(join(tmpdir(), "chepiao-verified-"));
afterAll(() => rmSync(root, { recursive: true }));
const verified = { at: "2026-11-30T12:00:00Z", restoredMs: 1, readyMs: 2 };

let made = 0;
async function tried() {
  const backup = join(root, `${made++}`);
  mkdirSync(join(backup, "log"), { recursive: true });
  for (const name of ["manifest.json.gz.age", "chepiao.db.gz.age", "log/0000000000000000.log.gz.age"])
    writeFileSync(join(backup, name), name);
  await noteVerified(backup, verified, await contentsOf(backup));
  expect(await verifiedIn(backup)).toEqual(verified);
  return backup;
}

test("a backup of which a file has become another since it was verified is not verified, nor is one that is tried again", async () => {
  const harms: ((backup: string) => unknown)[] = [
    (backup) => appendFileSync(join(backup, "chepiao.db.gz.age"), "x"),
    (backup) => rmSync(join(backup, "log/0000000000000000.log.gz.age")),
    (backup) => renameSync(join(backup, "chepiao.db.gz.age"), join(backup, "sandbox-bank.db.gz.age")),
    // Another backup's, just as long.
    (backup) => writeFileSync(join(backup, "manifest.json.gz.age"), "MANIFEST.json.gz.age"),
    (backup) => writeFileSync(join(backup, "verified.json"), JSON.stringify(verified)),
    (backup) => writeFileSync(join(backup, "verified.json"), "null"),
    (backup) => writeFileSync(join(backup, "verified.json"), "{"),
    forgetVerified,
  ];
  for (const [n, harm] of harms.entries()) {
    const backup = await tried();
    await harm(backup);
    expect([n, await verifiedIn(backup)]).toEqual([n, null]);
  }
});

test("what has become another while it was tried was not tried", async () => {
  const backup = await tried();
  const contents = await contentsOf(backup);
  appendFileSync(join(backup, "chepiao.db.gz.age"), "x");
  await noteVerified(backup, verified, contents);
  expect(await verifiedIn(backup)).toBeNull();
});
