/**
 * A small opening, rehearsed by the command: a crowd comes, the run is sold out, and what the report says is what is in the books. It is also run by hand with
 * larger ones (docs/operations/rehearsal.md).
 */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rehearseCommand } from "./commands/rehearse.ts";
import type { Rehearsed } from "./rehearsal/report.ts";
import { runInFolder } from "./testing/command.ts";
import { createWorld } from "./testing/world.ts";

const composition = { code: "HOT", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 4 }] }] };
const seatCount = 20;
// A machine that has other things to do, too, is no overload of ours.
process.env["SHED_AFTER_MS"] = "0";
const folder = mkdtempSync(join(tmpdir(), "chepiao-rehearsed-"));
const cleanUp = new DisposableStack();
afterAll(() => cleanUp.dispose());
cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
cleanUp.defer(() => void delete process.env["SHED_AFTER_MS"]);

test("a crowd of people and bots comes to an opening, the run is sold out to some of them, and the operator's own platform is as before", async () => {
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 2, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  const run = `${world.trains[1]}/${world.date}`;
  const before = readFileSync(join(world.dataDir, "chepiao.db"));
  const size = ["--people", "80", "--bots", "60", "--per-document", "3", "--collect", "7", "--haste", "10"];
  const { exit, text } = await runInFolder(rehearseCommand, world.dataDir, [run, ...size, "--out", folder]);
  expect([exit, text]).toEqual([0, expect.stringContaining(`${run}: ${seatCount} seats`)]);
  expect(text).toContain("after the opening:");

  const came = JSON.parse(readFileSync(join(folder, "rehearsal.json"), "utf8")) as Rehearsed;
  const { people, bots, sold, fairness } = came;
  expect(came.promises.filter(({ kind, kept }) => kind === "promise" && kept !== true)).toEqual([]);
  expect(came).toMatchObject({ run, stock: seatCount });
  expect(sold.taken + sold.free!).toBe(seatCount);
  expect(sold.ticketed + sold.heldUnpaid).toBe(people.seats + bots.seats);
  expect([people.accounts, bots.accounts, bots.persons]).toEqual([80, 60, 20]);
  // One lot a document, whatever the accounts; who ignores places gets nowhere.
  expect(bots.lots).toBeLessThanOrEqual(bots.persons);
  expect(came.stoppedBy["queue"]!.bots).toBeGreaterThanOrEqual(60);
  expect(fairness.overtakes).toBe(0);
  expect(came.steps.map(({ step }) => step)).toEqual(
    expect.arrayContaining(["search", "join", "learnPlace", "buy", "buyWithoutPass"]),
  );
  expect(readFileSync(join(folder, "rehearsal.html"), "utf8")).toContain(`Rehearsal of ${run}`);

  expect(readFileSync(join(world.dataDir, "chepiao.db")).equals(before)).toBe(true);
}, 240_000);

test("a platform that is killed in the midst of an opening comes back, and every promise is kept", async () => {
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 2, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  const out = join(folder, "killed");
  const size = ["--people", "60", "--bots", "30", "--collect", "7", "--haste", "10", "--faults", "6:kill"];
  const { exit, text } = await runInFolder(rehearseCommand, world.dataDir, [
    `${world.trains[1]}/${world.date}`,
    ...size,
    "--out",
    out,
  ]);
  expect([exit, text]).toEqual([0, expect.stringContaining("fault 6:kill")]);
  const came = JSON.parse(readFileSync(join(out, "rehearsal.json"), "utf8")) as Rehearsed;
  expect(came.promises.filter(({ kind, kept }) => kind === "promise" && kept === false)).toEqual([]);
  expect(came.faults).toEqual([{ atSeconds: 6, how: "kill", role: null, overAtSeconds: expect.any(Number) as number }]);
  expect(readFileSync(join(out, "rehearsal.html"), "utf8")).toContain("6:kill");
}, 240_000);

test("what cannot be rehearsed is refused in a sentence, and leaves nothing", async () => {
  const nowhere = join(folder, "nowhere");
  const tried = async (...args: readonly string[]) => runInFolder(rehearseCommand, nowhere, args);
  expect((await tried("--people", "0", "--bots", "0")).exit).toBe(2);
  expect((await tried("--class", "throne")).exit).toBe(2);
  expect((await tried("G1")).exit).toBe(2);
  expect((await tried("--people", "3000000")).exit).toBe(2);
  expect((await tried("--faults", "5:kill:order")).exit).toBe(2);
  expect(existsSync(nowhere)).toBe(false);
});
