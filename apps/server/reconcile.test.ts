/** Reconciliation on the platform in one process, while people buy, pay twice, change and give back; and what was put wrong in the bank's books. */
import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { createPrng, dateIn, epochMs, parseZone } from "@chepiao/kernel";
import type { Report } from "@chepiao/services/reconciliation";
import { reconcileCommand } from "./commands/reconcile/index.ts";
import { untilWithin } from "./testing/asking.ts";
import { runInFolder } from "./testing/command.ts";
import { createAnswers, travel } from "./testing/passengers.ts";
import { createWorld, freePort, startServer } from "./testing/world.ts";

const composition = { code: "SMALL", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 20 }] }] };
const zone = parseZone("Asia/Shanghai")!;
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
// What changed in the last second is looked at already; what differs is read twice.
const settings = { RECONCILE_WATERMARK_SECONDS: "1", RECONCILE_CONFIRM_SECONDS: "20" };
const until = untilWithin(60_000);

test("I3: nothing is a case while people buy; what the bank's books have otherwise is one, until somebody settles it", async () => {
  const world = await createWorld({ userCount: 6, passengersPerUser: 3, trainCount: 2, stationCount: 4, composition });
  cleanUp.defer(world.remove);
  const server = await startServer(world, freePort());
  cleanUp.defer(() => server.kill());
  Object.assign(process.env, settings);
  cleanUp.defer(() => Object.keys(settings).forEach((name) => delete process.env[name]));
  const chepiao = (...args: readonly string[]) => runInFolder(reconcileCommand, world.dataDir, args);
  const reportOf = async (day: string) => JSON.parse((await chepiao("--day", day, "--json")).text) as Report;

  const record = createAnswers();
  let goOn = true;
  const crowd = { world, url: server.url, record, seatClass: "second" as const, goOn: () => goOn };
  const people = world.users.map((user, n) => travel(crowd, user, createPrng(n)));
  await until(
    async () => record.accepted.size,
    (count) => count > 30,
  );
  const selling = await until(
    () => reportOf(dateIn(zone, epochMs(Date.now()))),
    ({ totals }) => totals["captured_fen"]! > 0,
  );
  expect(selling).toMatchObject({ manual_fix_count: 0, inconsistent_details: [] });
  goOn = false;
  await Promise.all(people);
  expect(record.wrong).toEqual([]);

  const bank = new Database(join(world.dataDir, "sandbox-bank.db"));
  cleanUp.defer(() => bank.close());
  bank.run("pragma busy_timeout = 5000");
  const { trade_no: tradeNo, paid_at: paidAt } = firstHeardOf(world.dataDir);
  const day = dateIn(zone, epochMs(paidAt));
  bank.query("update trade set amount_fen = amount_fen + 1 where trade_no = ?").run(tradeNo);
  const report = await reportOf(day);
  expect(report).toMatchObject({ inconsistent_count: 1, manual_fix_count: 1, statements_missing: [] });
  expect(report.inconsistent_details).toMatchObject([{ kind: "tradeAmount", subject: `sandbox ${tradeNo}`, diff: -1 }]);

  const cases = await chepiao("cases");
  expect(cases).toMatchObject({ exit: 1, text: expect.stringContaining("the statement has another amount") });
  const caseId = String(report.inconsistent_details[0]!["case_id"]);
  expect(await chepiao("settle", caseId)).toMatchObject({ exit: 2 });
  expect(await chepiao("settle", "NOSUCHCASE", "--reason", "x")).toMatchObject({ exit: 1 });
  expect(await chepiao("settle", caseId, "--reason", "the bank's mistake")).toMatchObject({ exit: 0 });
  expect(await chepiao("cases")).toEqual({ exit: 0, text: "No case is open." });
  expect(await chepiao("--day", day)).toMatchObject({ exit: 0, text: expect.stringContaining("1 are settled") });
  for (const wrong of [["--day", "today"], ["others"], ["cases", "more"], ["settle"]])
    expect(await chepiao(...wrong)).toMatchObject({ exit: 2 });
  expect(await chepiao("--day", "2126-01-01")).toMatchObject({ exit: 1 });
}, 300_000);

/** A trade that the platform knows, too: one whose notice is late, or never comes, is nobody's difference for some minutes. */
function firstHeardOf(dataDir: string) {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  return books
    .query<{ trade_no: string; paid_at: number }, []>(
      "select trade_no, paid_at from t_payment_trade order by paid_at limit 1",
    )
    .get()!;
}
