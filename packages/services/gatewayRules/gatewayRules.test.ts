/** Rules of the gateway: a file of them, versions and the way back, and what they would have refused. */
import { expect, test } from "bun:test";
import type { GatewayUsage } from "@chepiao/contracts";
import { epochMs, minuteMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryGatewayStore } from "@chepiao/ports/gateway-store";
import {
  createGatewayRules,
  readGatewayRules,
  ruleColumns,
  setRules,
  tryRules,
  undoRules,
  whyNotUndone,
} from "./index.ts";

const routes = new Map([
  ["search.tickets", { uncounted: false }],
  ["search.journeys", { uncounted: false }],
  ["payment.callback", { uncounted: true }],
]);
const read = (...rows: readonly string[]) =>
  readGatewayRules(
    [ruleColumns.join(), ...rows].map((text, n) => ({ line: n + 1, fields: text.split(",") })),
    routes,
  );
const ruleOf = (perMinute: number, burst: number, who: "account" | "address" | "both" = "address") => ({
  route: "search.tickets",
  who,
  perMinute,
  burst,
});
const by = { operator: "anna", now: epochMs(0) };

test("a file says for each route and asker how much; a burst that is left out is what ten seconds have", () => {
  expect(read("search.tickets, address ,600,100", "search.tickets,account,90,", "search.journeys,both,1")).toEqual({
    ok: true,
    value: [ruleOf(600, 100), ruleOf(90, 15, "account"), { ...ruleOf(1, 1, "both"), route: "search.journeys" }],
  });
  expect(read()).toEqual({ ok: true, value: [] });
});

test.each([
  ["search.ticket,address,60,10", '"search.ticket" is no route: those of search are tickets, journeys'],
  ["orders,address,60,10", "rooms are search, payment"],
  ["payment.callback,address,60,10", "never limited"],
  ["search.tickets,everybody,60,10", "who is one of address, account, both"],
  ["search.tickets,address,0,10", "per minute is a whole number from 1 to 60000"],
  ["search.tickets,address,60001,10", "per minute"],
  ["search.tickets,address,1.5,10", "per minute"],
  ["search.tickets,address,2,121", "burst is a whole number from 1 to 120"],
  ["search.tickets,address,60,0", "burst"],
  ["search.tickets,address,60,10,7", "4 columns"],
  ["search.tickets,address", "4 columns"],
])("a file with %p is refused whole, with the line", (row, why) => {
  const result = read("search.journeys,address,60,10", row);
  expect(result).toMatchObject({ ok: false, error: [{ line: 3, message: expect.stringContaining(why) }] });
});

test("two rules for the same, other columns, an empty file and one without end are refused", () => {
  expect(read("search.tickets,both,1,1", "search.tickets,both,2,2")).toMatchObject({
    error: [{ line: 3, message: expect.stringContaining("in line 2 already") }],
  });
  expect(readGatewayRules([], routes)).toMatchObject({ error: [{ line: 1 }] });
  expect(readGatewayRules([{ line: 1, fields: ["route", "who"] }], routes)).toMatchObject({ error: [{ line: 1 }] });
  expect(read(...Array.from({ length: 501 }, () => "search.tickets,both,1,1"))).toMatchObject({
    error: [{ line: 502, message: "at most 500 rules" }],
  });
});

test("undo goes back one set after the other, also past an undo, and ends where there were none", async () => {
  const store = createMemoryGatewayStore();
  const setTo = async (perMinute: number) =>
    setRules(store, { ...by, rules: [ruleOf(perMinute, 1)], seen: (await store.newest())?.version ?? 0 });
  const undone = async () => {
    const newest = await store.newest();
    const why = whyNotUndone(newest, { of: newest?.version ?? 0, now: by.now });
    if (why !== null) return why;
    const version = await undoRules(store, { ...by, newest: newest! });
    return version && [version.rulesOf, version.rules[0]?.perMinute];
  };
  expect(await undone()).toBe("nothing");
  await setTo(10);
  await setTo(20);
  expect(await undone()).toEqual([1, 10]);
  await setTo(30);
  expect((await store.newest())?.version).toBe(4);
  expect([await undone(), await undone(), await undone()]).toEqual([[1, 10], [0, undefined], "nothing"]);
  expect(await setRules(store, { ...by, rules: [], seen: 2 })).toBeNull();
});

test("of two who take back the same rules, one hears that it is done; so does who names what is not in force", async () => {
  const store = createMemoryGatewayStore();
  for (const version of [1, 2]) await setRules(store, { ...by, rules: [ruleOf(version, 1)], seen: version - 1 });
  const bad = (await store.newest())!;
  const whyNot = async (of: number | null, now: number) =>
    whyNotUndone(await store.newest(), { of, now: epochMs(now) });
  expect([await whyNot(null, 0), await whyNot(2, 0), await whyNot(1, 0), await whyNot(3, 0)]).toEqual([
    null,
    null,
    "another",
    "another",
  ]);
  const both = await Promise.all([undoRules(store, { ...by, newest: bad }), undoRules(store, { ...by, newest: bad })]);
  expect(both.filter((version) => version !== null)).toHaveLength(1);
  expect(await whyNot(null, minuteMs - 1)).toBe("justUndone");
  expect(await whyNot(2, minuteMs - 1)).toBe("another");
  // Who names the undo itself has seen it, and a minute later it is another matter.
  expect([await whyNot(3, 1), await whyNot(null, minuteMs)]).toEqual([null, null]);
  expect(whyNotUndone(null, { of: 1, now: epochMs(0) })).toBe("another");
});

test("a gateway hears of rules that it does not know, also of none, and what it tells is kept for two hours", async () => {
  const store = createMemoryGatewayStore();
  const clock = createManualClock(epochMs(1_800_000_000_000));
  const { client } = createGatewayRules({ store, clock });
  expect(await client.exchange(0, null)).toBeNull();
  await setRules(store, { ...by, rules: [ruleOf(10, 1)], seen: 0 });
  expect(await client.exchange(0, null)).toEqual({ version: 1, rules: [ruleOf(10, 1)] });
  expect(await client.exchange(1, null)).toBeNull();
  await undoRules(store, { ...by, newest: (await store.newest())! });
  expect(await client.exchange(1, null)).toEqual({ version: 2, rules: [] });
  // A database that was put back knows less.
  expect(await client.exchange(7, null)).toEqual({ version: 2, rules: [] });
  const usage = { minute: clock.now(), source: "a", routes: [], uncounted: 0 };
  await client.exchange(2, usage);
  await clock.advance(121 * minuteMs);
  await client.exchange(2, { ...usage, minute: clock.now() });
  expect(await store.usageSince(epochMs(0))).toHaveLength(1);
});

test("a dry run says what goes beyond rate and burst in each minute, of those whom the rule counts", () => {
  const usage: GatewayUsage = {
    minute: epochMs(0),
    spanMs: minuteMs,
    source: "a",
    routes: [
      {
        route: "search.tickets",
        who: "address",
        buckets: [
          [1_000, 2_000],
          [2, 400],
        ],
      },
      { route: "search.tickets", who: "account", buckets: [[3, 30]] },
    ],
    uncounted: 0,
  };
  const tried = (rule: ReturnType<typeof ruleOf>, told = usage) => {
    const [{ requests, refused, askerMinutes }] = tryRules([rule], [told, told]) as [ReturnType<typeof tryRules>[0]];
    return [requests, refused, askerMinutes];
  };
  expect(tried(ruleOf(60, 10))).toEqual([4_800, 520, 4]);
  expect(tried(ruleOf(190, 10))).toEqual([4_800, 0, 0]);
  expect(tried(ruleOf(5, 1, "account"))).toEqual([60, 24, 6]);
  expect(tried(ruleOf(5, 1, "both"))).toEqual([0, 0, 0]);
  // Within half a minute less came back; within three minutes, which nobody could be told of between, more.
  expect(tried(ruleOf(60, 10), { ...usage, spanMs: minuteMs / 2 })).toEqual([4_800, 640, 4]);
  expect(tried(ruleOf(60, 10), { ...usage, spanMs: 3 * minuteMs })).toEqual([4_800, 40, 4]);
  const { spanMs: _, ...older } = usage;
  expect(tried(ruleOf(1, 1), older)).toEqual([4_800, 0, 0]);
});
