/** What is unpacked of a backup that somebody else may have put there. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack, unpackTo } from "./pack.ts";

const folder = mkdtempSync(join(tmpdir(), "chepiao-pack-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a file that unpacks to more than the manifest says is refused before a byte too many is written", async () => {
  const honest = await pack(folder, "chepiao.db", [new Uint8Array(8 << 20)], null);
  expect(statSync(join(folder, "chepiao.db.gz")).size).toBeLessThan(100_000);
  await unpackTo(folder, honest, null, join(folder, "whole"));
  expect(statSync(join(folder, "whole")).size).toBe(8 << 20);
  for (const bytes of [-1, 0, 100_000, (8 << 20) - 1]) {
    const path = join(folder, `of ${bytes}`);
    expect(unpackTo(folder, { ...honest, bytes }, null, path)).rejects.toThrow("not what the backup was made of");
    await unpackTo(folder, { ...honest, bytes }, null, `${path} again`).catch(() => {});
    expect(statSync(`${path} again`).size).toBeLessThanOrEqual(Math.max(0, bytes));
  }
});
