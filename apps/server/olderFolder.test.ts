/**
 * A data folder of version 0.1.0, left by a platform that was killed while a dozen people bought, paid, cancelled and gave back: with
 * orders in the log that are not rows yet, and payments on their way. It starts, keeps every promise that was made, and sells.
 */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { audit, seatsAreTickets } from "./testing/audit.ts";
import { goOn, type Left, toldBefore } from "./testing/upgraded.ts";
import { freePort, startServer } from "./testing/world.ts";
import { policySetting, timeToPay } from "./testing/policy.ts";

const restMs = 60_000;

/** As that version left it; its keys are for its own user alone, as a newer platform wants them. */
function unpack(): { readonly dataDir: string; readonly left: Left } {
  const dataDir = mkdtempSync(join(tmpdir(), "chepiao-older-"));
  const files = unzipSync(readFileSync(join(import.meta.dir, "testing/folderOf0.1.0.zip")));
  for (const [name, bytes] of Object.entries(files)) {
    if (!name.startsWith("data/")) continue;
    const path = join(dataDir, name.slice("data/".length));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { mode: name.endsWith("keys.json") ? 0o600 : 0o644 });
  }
  return { dataDir, left: JSON.parse(Buffer.from(files["told.json"]!).toString()) as Left };
}

test("I1 I2 I3 I4 I6 I8 a data folder of version 0.1.0 starts, keeps its promises, and sells", async () => {
  const { dataDir, left } = unpack();
  const told = toldBefore(left);
  const server = await startServer({ dataDir }, freePort(), policySetting(timeToPay(4)));
  const until = Date.now() + restMs;
  while (audit(dataDir, told).length > 0 && Date.now() < until) await Bun.sleep(200);
  expect(audit(dataDir, told)).toEqual([]);

  const date = await goOn(server.url, left, told);
  while (audit(dataDir, told).length > 0 && Date.now() < until) await Bun.sleep(200);
  const seats = await seatsAreTickets(dataDir, server.url, { second: 40 }, { ...left, date });
  expect(await server.stop()).toBe(0);
  expect([...seats, ...audit(dataDir, told)]).toEqual([]);
  rmSync(dataDir, { recursive: true });
});
