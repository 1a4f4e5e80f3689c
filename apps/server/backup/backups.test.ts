/** Which backups have had their time. */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrng, dayMs } from "@chepiao/kernel";
import { backupsIn, expired, lockBackups, nameAt, removePartial, type Backup } from "./backups.ts";

const now = Date.parse("2026-11-30T12:00:00Z");
const verified = { at: "2026-11-30T12:00:00Z", restoredMs: 1, readyMs: 1 };
const aged = (days: number, isVerified = false): Backup => ({
  name: nameAt(now - days * dayMs),
  at: now - days * dayMs,
  verified: isVerified ? verified : null,
});
const expiredDays = (backups: readonly Backup[], count: number | null, days: number | null, made = aged(0).name) =>
  expired(backups, { count, days }, now, made).map(({ at }) => (now - at) / dayMs);

test("a backup that neither the number nor the age keeps has had its time", () => {
  const backups = [aged(0, true), aged(1), aged(2), aged(9)];
  expect(expiredDays(backups, 2, null)).toEqual([2, 9]);
  expect(expiredDays(backups, null, 5)).toEqual([9]);
  expect(expiredDays(backups, 1, 1)).toEqual([2, 9]);
  expect(expiredDays(backups, null, null)).toEqual([]);
});

test("the newest that was verified stays, however old, and nothing goes where none was", () => {
  expect(expiredDays([aged(0), aged(1), aged(40, true), aged(50, true)], 1, null)).toEqual([1, 50]);
  expect(expiredDays([aged(0), aged(1), aged(40)], 1, null)).toEqual([]);
});

test("a backup of a later moment than now is not counted, is nobody's proof, and stays; so does the one just made", () => {
  const later = [aged(-400, true), aged(-2)];
  expect(expiredDays([...later, aged(0), aged(1), aged(2, true), aged(3)], 2, null)).toEqual([3]);
  expect(expiredDays([...later, aged(0), aged(1), aged(2, true), aged(3)], null, 1)).toEqual([3]);
  expect(expiredDays([...later, aged(0), aged(1)], 1, null)).toEqual([]);
  expect(expiredDays([aged(1, true), aged(2), aged(3)], 1, null, aged(3).name)).toEqual([2]);
});

test("whatever is kept and deleted, as many stay as were asked for, and the newest verified one", () => {
  const seed = 20_261_130;
  const prng = createPrng(seed);
  for (let n = 0; n < 500; n++) {
    const backups = Array.from({ length: prng.below(9) }, (_, day) => aged(day + prng.next(), prng.chance(0.3)));
    const count = 1 + prng.below(5);
    const gone = new Set(expired(backups, { count, days: null }, now, "another"));
    const left = backups.filter((each) => !gone.has(each));
    const newest = backups.find((each) => each.verified);
    expect({ seed, n, left: left.length >= Math.min(count, backups.length) }).toEqual({ seed, n, left: true });
    if (newest) expect(left).toContain(newest);
    else expect(gone.size).toBe(0);
  }
});

test("what is not whole is no backup, and goes before the next one; one is made at a time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chepiao-backups-"));
  mkdirSync(join(folder, `${nameAt(now)}.partial`));
  mkdirSync(join(folder, nameAt(now + 1)));
  mkdirSync(join(folder, nameAt(now + 2)));
  mkdirSync(join(folder, "somebody's"));
  writeFileSync(join(folder, `${nameAt(now)}.partial`, "manifest.json.gz"), "");
  writeFileSync(join(folder, nameAt(now + 2), "manifest.json.gz.age"), "");
  expect((await backupsIn(folder)).map(({ at }) => at)).toEqual([now + 2]);
  {
    using first = await lockBackups(folder);
    expect(first).toBeDefined();
    expect(lockBackups(folder)).rejects.toThrow("Another backup is being made");
  }
  (await lockBackups(folder))[Symbol.dispose]();
  await removePartial(folder);
  expect(await Array.fromAsync(new Bun.Glob("**/manifest*").scan({ cwd: folder }))).toEqual([
    `${nameAt(now + 2)}/manifest.json.gz.age`,
  ]);
  rmSync(folder, { recursive: true });
});
