/**
 * Every single fault, one after the other, on one platform with a process for each role, while people buy, pay, cancel and give back:
 * afterwards no invariant is broken, against what people were told and the bank's own books, and the service is back by itself.
 *
 *   SEED=… npm run test:engines apps/server/faults         the choices of one run again
 *   FAULTS=redis,kafka npm run test:engines apps/server/faults   those with one of the words in their names
 *   FAULTS=short npm run test:engines apps/server/faults         of each kind the one that has most to break
 *   FAULTS_TIMES=20 FAULTS="writes lost" npm run test:engines apps/server/faults   each of them so often, with other choices each time
 *   DEATHS=all FAULTS="at its calls" npm run test:engines apps/server/faults   the role of the waitlist dies at every one of its calls
 *   FAULTS_TABLE=1 npm run test:engines apps/server/faults writes what was measured into docs/operations/faults.md and zh/faults.md
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { type Auditor, createAuditor } from "./auditor.ts";
import { play } from "./fault.ts";
import { faults } from "./faults.ts";
import { lineOf, type Played, tableOf, writeTable } from "./report.ts";
import { openStage, type Stage } from "./stage.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
/** What changes are held to before they are taken; all of them take ten minutes. */
const short =
  "`payment` silent,`order` killed,`writer` killed,`waitlist` killed,writes lost,forgets a line,kafka (one broker) killed,primary silent,proxy,order to mysql cut,whole log,outbox,notice";
const wanted = process.env["FAULTS"] ?? "";
const words = (wanted === "short" ? short : wanted).toLowerCase().split(",");
const isTableWanted = process.env["FAULTS_TABLE"] === "1";
const times = Number(process.env["FAULTS_TIMES"] ?? 1);
const chosen = Array.from({ length: times }, () => faults)
  .flat()
  .filter(({ name }) => words.some((word) => name.toLowerCase().includes(word)));

// Here, because it goes with whatever block it was made in.
const mysql = await freshMysql("ShardingSphere-Proxy");
let stage: Stage;
let auditor: Auditor;
const played: Played[] = [];

beforeAll(async () => {
  stage = await openStage(mysql);
  auditor = createAuditor(stage);
}, 600_000);
afterAll(() => stage?.[Symbol.asyncDispose](), 180_000);

for (const [n, fault] of chosen.entries()) {
  test(
    `I1 to I8 hold, and service comes back: ${fault.name} (seed ${seed}, ${n + 1} of ${chosen.length})`,
    async () => {
      const outcome = await play(fault, stage, auditor, n, seed);
      played.push({ fault, outcome });
      console.log(lineOf({ fault, outcome }));
      // After each, so that a run that is broken off leaves what it has measured.
      if (isTableWanted) writeTable(tableOf(played, seed, new Date().toISOString().slice(0, 10)));
      if (outcome.wrong.length > 0) console.log(stage.output());
      const { wrong, isBack } = outcome;
      // How long it took is for the table: a machine that does other things, too, says little about it.
      expect({ fault: fault.name, seed, wrong, isBack }).toEqual({ fault: fault.name, seed, wrong: [], isBack: true });
    },
    fault.withinMs ?? 600_000,
  );
}

test("I2: what purchases left behind that nobody answered is for sale again after the life of a hold", async () => {
  expect(await auditor.overdue(chosen.map((_, n) => stage.day(n).whole))).toEqual([]);
});
