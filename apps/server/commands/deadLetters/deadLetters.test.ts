/** What stands still is found, told without naming anybody, and tried again: in memory, and on a data folder by the command itself. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { openFileLog } from "@chepiao/adapters/file-log";
import { createSqlOutbox, insertMessages } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import { firstRunOf, type LogRecord, topics } from "@chepiao/contracts";
import { epochMs, minuteMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryLog, type DeadLetter, type Log, PoisonRecord } from "@chepiao/ports/log";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { openDataFolder } from "../../dataFolder.ts";
import { UsageError } from "../command.ts";
import { type Asked, carryOut, readAsked } from "./index.ts";
import { stuckIn } from "./stuck.ts";
import { createNotedTrail } from "../../testing/auditTrail.ts";

const now = epochMs(Date.UTC(2026, 10, 22, 12));
const name = "王小明";
const sealed = "sealed-by-a-key";

function accepted(): LogRecord {
  const order = sampleOrder();
  const tickets = order.tickets.map((ticket) => ({ ...ticket, name, documentSealed: sealed }));
  return { topic: "order-create-topic", key: firstRunOf(order), value: { ...order, tickets } };
}
const settled: LogRecord = {
  topic: "payment-settled-topic",
  key: "G1/2026-12-01",
  value: { refundNo: "R1", paymentNo: "P1", orderNo: "E00010000000000001" as never, ticketNo: null },
};

/** A consumer that calls everything poison until it is fixed. */
function consume(log: Log, isFixed = false) {
  const taken: LogRecord[] = [];
  const consumer = { isFixed };
  const consumption = log.consume({
    group: "writer",
    topics,
    batchMax: 10,
    async handle(records) {
      if (!consumer.isFixed) throw new PoisonRecord(`passenger 110101199003070134 (${name}) is unknown`);
      taken.push(...records);
    },
  });
  return { taken, consumer, consumption };
}

/** Two dead letters, one of which is no record, and one message of the outbox. */
async function standstill() {
  const clock = createManualClock(now);
  const broken: DeadLetter = {
    id: "writer@99",
    group: "writer",
    topic: "order-pay-topic",
    key: "G1",
    text: `not JSON but ${name}`,
    origin: "99",
    cause: "a record of order-pay-topic is not JSON",
    buriedAt: now,
  };
  const log = createMemoryLog(clock, [], new Map(), new Map([[broken.id, broken]]));
  const { taken, consumer, consumption } = consume(log);
  await clock.advance(minuteMs);
  await log.append([accepted()]);
  await consumption.caughtUp();
  consumer.isFixed = true;
  const outbox = createMemoryOutbox();
  outbox.put([settled], now);
  await outbox.failed([1], now);
  const said: string[] = [];
  const asked: string[] = [];
  let answer: string | null = null;
  const say = (text: string) => void said.push(text);
  const ask = async (question: string) => {
    asked.push(question);
    return answer!;
  };
  const { trail: auditTrail, noted } = createNotedTrail();
  const stuck = { ...stuckIn({ deadLetters: log.deadLetters, outbox, clock }), auditTrail };
  return {
    stuck,
    noted,
    taken,
    outbox,
    clock,
    consumption,
    asked,
    /** What is said, and the exit code. */
    async run(command: string, reply: string | null = null) {
      said.length = 0;
      answer = reply;
      const what: Asked = readAsked(command.split(" "), clock.now());
      const code = await carryOut(what, stuck, { say, warn: say, ask: reply === null ? null : ask });
      return { code, text: said.join("\n") };
    },
  };
}

test("what stands still is listed and shown, and nobody is named unless it is asked for", async () => {
  const { run, noted } = await standstill();
  const list = await run("list");
  expectEnd(list, 0, "2 put aside by consumers");
  expect(list.text).toMatch(
    /writer@0 +order-create-topic .* writer: PoisonRecord: passenger \[hidden\] \(\[hidden\]\)/,
  );
  expect(list.text).toMatch(/outbox@1 +payment-settled-topic .* tried once, next 2026-11-22T12:00:01Z/);
  const everything = [list, await run("list --json"), await run("show writer@0"), await run("show writer@99 --json")];
  for (const { text } of everything)
    for (const secret of [name, sealed, "11010119"]) expect(text).not.toContain(secret);
  expect((await run("show writer@0")).text).toContain('"trainNumber": "G1"');
  expect(noted).toEqual([]);
  expect((await run("show writer@0 --clear")).text).toContain(name);
  expect(noted).toEqual(["writer@0 of order-create-topic, as it is, null"]);
  const told = JSON.parse((await run("list --json")).text) as { id: string }[];
  expect(told.map(({ id }) => id)).toEqual(["writer@99", "writer@0", "outbox@1"]);
  expectEnd(await run("show writer@7"), 1, 'no "writer@7"');
});

test("a filter leaves out other topics and what is older, and says that it did", async () => {
  const { run } = await standstill();
  expect((await run("list --topic payment-settled-topic")).text).not.toContain("writer@");
  expect((await run("list --since 30m --json")).text).toContain("writer@99");
  expect(JSON.parse((await run("list --since 2026-11-22T20:01+08:00 --json")).text)).toMatchObject([
    { id: "writer@0" },
  ]);
  expect((await run("list --topic payment-refund-topic")).text).toContain("3 others would be listed");
});

test("a letter that is replayed is taken by its consumers, a message that is hurried goes at once", async () => {
  const { run, taken, consumption, outbox, clock } = await standstill();
  expectEnd(await run("replay writer@0"), 0, "Replayed: 1");
  await consumption.caughtUp();
  expect(taken.map(({ topic }) => topic)).toEqual(["order-create-topic"]);
  expect((await run("list")).text).not.toContain("writer@0 ");
  await outbox.failed([1], clock.now());
  expect(await outbox.pending(clock.now(), 10)).toEqual([]);
  expect((await run("replay outbox@1")).code).toBe(0);
  expect((await outbox.pending(clock.now(), 10)).map(({ record }) => record)).toEqual([settled]);
});

test("all are replayed only where that is meant; an id that is wrong, and what is no record, are said", async () => {
  const { run, taken, asked, consumption } = await standstill();
  expectEnd(await run("replay writer@0 writer@7"), 1, "writer@7");
  expect(run("replay --all")).rejects.toBeInstanceOf(UsageError);
  expectEnd(await run("replay --all", "n"), 1, "Nothing was done");
  expect(asked[0]).toContain("1 of order-create-topic, 1 of payment-settled-topic");
  expect(taken).toEqual([]);
  const all = await run("replay --all", "yes");
  expectEnd(all, 1, "writer@99 is no record");
  expect(all.text).toContain("Replayed: 2");
  await consumption.caughtUp();
  expect(taken.length).toBe(1);
});

test("what was called wrongly is said", () => {
  const wrong = [
    "",
    "list writer@0",
    "show",
    "show a b",
    "replay",
    "replay a --all",
    "replay a --since 1h",
    "list --yes",
  ];
  for (const command of wrong) expect(() => readAsked(command.split(" "), now)).toThrow(UsageError);
  expect(() => readAsked(["list", "--topic", "order-topic"], now)).toThrow("order-create-topic");
  for (const since of ["yesterday", "2026-12-01T08:00"]) {
    expect(() => readAsked(["list", "--since", since], now)).toThrow("--since takes");
  }
});

type Ended = { readonly code: number; readonly text: string };
function expectEnd(ended: Ended, code: number, said: string) {
  expect([ended.code, ended.text]).toEqual([code, expect.stringContaining(said)]);
}

const folder = mkdtempSync(join(tmpdir(), "chepiao-dead-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function runCommand(...args: readonly string[]) {
  const main = resolve(import.meta.dir, "../../main.ts");
  const child = Bun.spawn([process.execPath, main, "dead-letters", ...args], {
    env: { ...process.env, DATA_DIR: folder, CHEPIAO_ENGINES: "embedded" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, text: out + err };
}

test("on a data folder the command looks while the platform runs, and replays when it does not", async () => {
  const nobody = await runCommand("list");
  expectEnd(nobody, 1, "There is no platform's data in");

  const clock = createSystemClock();
  await loadOrCreateKeys(join(folder, "keys.json"));
  {
    await using database = await openSqlite(join(folder, "chepiao.db"));
    // As a running platform has it.
    using lock = openDataFolder(folder);
    expect(lock.path).toBe(folder);
    expectEnd(await runCommand("list"), 0, "Nothing stands still");
    await using log = await openFileLog(join(folder, "log"), clock);
    const { consumption } = consume(log);
    await log.append([accepted()]);
    await consumption.caughtUp();
    const outbox = createSqlOutbox(database.sql);
    await insertMessages(database.sql, [settled], clock.now());
    const [message] = await outbox.pending(clock.now(), 1);
    await outbox.failed([message!.messageId], clock.now());

    const list = await runCommand("list");
    expect(list.text).toContain("1 put aside by consumers");
    expect(list.text).toContain("1 in the outbox");
    const refused = await runCommand("replay", "writer@0");
    expectEnd(refused, 2, "Another chepiao is running");
  }
  expectEnd(await runCommand("replay", "--all"), 2, "--yes");
  expectEnd(await runCommand("replay", "--all", "--yes"), 0, "Replayed: 2");
  expect((await runCommand("list", "--json")).text).not.toContain("writer@0");

  await using log = await openFileLog(join(folder, "log"), clock);
  const { taken, consumption } = consume(log, true);
  await consumption.caughtUp();
  expect(taken.map(({ topic }) => topic)).toEqual(["order-create-topic"]);
});
