/** The rules of counters of risk. */
import { expect, test } from "bun:test";
import { dayMs, type EpochMs, epochMs, minuteMs, type OrderId, secondMs, type UserId } from "@chepiao/kernel";
import { type ActCounts, membersMax, type RiskCounters } from "./riskCounters.ts";

const [anna, bert] = [7 as UserId, 8 as UserId];
/** The beginning of a minute, so that no count is shared out between two. */
const now = epochMs(30_000_000 * minuteMs);
const after = (ms: number): EpochMs => epochMs(now + ms);
const orderId = (n: number) => n as OrderId;

type Asked = { readonly userId?: UserId; readonly address?: string | null; readonly network?: string | null };

async function act(counters: RiskCounters, at: EpochMs, asked: Asked = {}): Promise<ActCounts> {
  const [counts] = await counters.act([{ userId: anna, at, address: null, network: null, ...asked }]);
  return counts!;
}

export function riskCountersSuite(adapter: string, open: () => RiskCounters): void {
  test(`${adapter}: acts of the last minute are counted, and nobody's are another's`, async () => {
    const counters = open();
    const all = await counters.act(
      Array.from({ length: 40 }, (_, n) => ({
        userId: n % 4 === 0 ? bert : anna,
        at: now,
        address: null,
        network: null,
      })),
    );
    expect(all.map(({ accountPerMinute }) => accountPerMinute)).toEqual(
      Array.from({ length: 40 }, (_, n) => (n % 4 === 0 ? n / 4 + 1 : n - Math.floor(n / 4))),
    );
    // Half a minute later half of the minute before counts.
    expect((await act(counters, after(minuteMs + minuteMs / 2))).accountPerMinute).toBe(16);
    expect((await act(counters, after(3 * minuteMs))).accountPerMinute).toBe(1);
  });

  test(`${adapter}: an address and a network are counted over accounts, and what is counted by nobody is not`, async () => {
    const counters = open();
    const home = { address: "203.0.113.7", network: "203.0.113.0/24" };
    const next = { address: "203.0.113.8", network: "203.0.113.0/24" };
    const of = async (asked: Asked) => {
      const { addressPerMinute, networkPerMinute } = await act(counters, now, asked);
      return [addressPerMinute, networkPerMinute];
    };
    expect(await of({ ...home })).toEqual([1, 1]);
    expect(await of({ ...home, userId: bert })).toEqual([2, 2]);
    expect(await of({ ...next, userId: bert })).toEqual([1, 3]);
    expect(await of({})).toEqual([null, null]);
  });

  test(`${adapter}: acts that are taken back were none, in this minute and the one before; of nobody less than none are left`, async () => {
    const counters = open();
    const home = { address: "203.0.113.7", network: "203.0.113.0/24" };
    const takeBack = (at: EpochMs, asked: { address: string | null; network: string | null } = home) =>
      counters.takeBack([{ userId: anna, at, ...asked }]);
    for (let n = 0; n < 4; n++) await act(counters, now, home);
    await takeBack(now);
    await takeBack(now, { address: null, network: null });
    const { accountPerMinute, addressPerMinute, networkPerMinute } = await act(counters, now, home);
    expect([accountPerMinute, addressPerMinute, networkPerMinute]).toEqual([3, 4, 4]);
    await act(counters, after(minuteMs), home);
    await takeBack(now);
    const next = await act(counters, after(minuteMs), home);
    expect([next.accountPerMinute, next.addressPerMinute]).toEqual([4, 5]);
    for (let n = 0; n < 9; n++) await takeBack(after(minuteMs));
    await takeBack(after(-9 * minuteMs));
    expect((await act(counters, after(minuteMs), home)).accountPerMinute).toBe(3);
    expect((await act(counters, after(minuteMs), { ...home, userId: bert })).accountPerMinute).toBe(1);
  });

  test(`${adapter}: spacing is the time since the account's act before, and never below nothing`, async () => {
    const counters = open();
    expect((await act(counters, after(1_000))).spacingMs).toBeNull();
    expect((await act(counters, after(1_080))).spacingMs).toBe(80);
    // Of a process whose clock is behind.
    expect((await act(counters, after(1_050))).spacingMs).toBe(0);
    expect((await act(counters, after(1_100))).spacingMs).toBe(20);
    expect((await act(counters, after(1_000), { userId: bert })).spacingMs).toBeNull();
    expect((await act(counters, after(1_100 + 2 * minuteMs))).spacingMs).toBeNull();
  });

  test(`${adapter}: a failure is counted once, for ten minutes`, async () => {
    const counters = open();
    for (const n of [1, 2, 2, 3]) await counters.failed(anna, orderId(n), after(n * secondMs));
    const failures = async (at: EpochMs, userId = anna) => (await act(counters, at, { userId })).failuresPerTenMinutes;
    expect([await failures(after(4 * secondMs)), await failures(after(4 * secondMs), bert)]).toEqual([3, 0]);
    expect(await failures(after(10 * minuteMs + 2 * secondMs))).toBe(1);
    expect(await failures(after(11 * minuteMs))).toBe(0);
  });

  test(`${adapter}: an order that was let go of unpaid is counted once, for a day`, async () => {
    const counters = open();
    for (const n of [1, 2, 2, 3]) await counters.endedUnpaid(anna, orderId(n), after(n * minuteMs));
    const unpaid = async (at: EpochMs, userId = anna) => (await act(counters, at, { userId })).unpaidPerDay;
    expect([await unpaid(after(4 * minuteMs)), await unpaid(after(4 * minuteMs), bert)]).toEqual([3, 0]);
    expect(await unpaid(after(dayMs + 2 * minuteMs))).toBe(1);
    expect(await unpaid(after(dayMs + 4 * minuteMs))).toBe(0);
  });

  test(`${adapter}: documents of an account are counted for a day, and accounts of its documents`, async () => {
    const counters = open();
    await counters.buysFor(anna, ["hers", "his"], now);
    await counters.buysFor(anna, ["hers"], after(minuteMs));
    for (let n = 0; n < 3; n++) await counters.buysFor((100 + n) as UserId, ["his"], after(n));
    await counters.buysFor(bert, ["his"], after(minuteMs));
    const of = async (at: EpochMs, userId: UserId) => {
      const { documentsPerDay, accountsPerDocument } = await act(counters, at, { userId });
      return [documentsPerDay, accountsPerDocument];
    };
    expect(await of(after(2 * minuteMs), anna)).toEqual([2, 1]);
    expect(await of(after(2 * minuteMs), bert)).toEqual([1, 5]);
    expect(await of(after(dayMs + minuteMs / 2), anna)).toEqual([1, 1]);
    expect(await of(after(dayMs + 2 * minuteMs), bert)).toEqual([0, 0]);
  });

  test(`${adapter}: what is counted of one account is bounded`, async () => {
    const counters = open();
    const many = Array.from({ length: membersMax + 10 }, (_, n) => n);
    await counters.buysFor(anna, many.map(String), now);
    for (const n of many) await counters.failed(anna, orderId(n), now);
    for (const n of many) await counters.endedUnpaid(anna, orderId(n), now);
    const { documentsPerDay, failuresPerTenMinutes, unpaidPerDay } = await act(counters, now);
    expect([documentsPerDay, failuresPerTenMinutes, unpaidPerDay]).toEqual([membersMax, membersMax, membersMax]);
  });

  test(`${adapter}: a challenge is solved once, however many right answers come together`, async () => {
    const counters = open();
    const right = { isRight: true, triesMax: 3, leftMs: minuteMs };
    const answers = await Promise.all(Array.from({ length: 20 }, () => counters.attempt("first", right)));
    expect(answers.filter((each) => each === "solved")).toHaveLength(1);
    expect(answers.filter((each) => each === "over")).toHaveLength(19);
    expect(await counters.attempt("second", right)).toBe("solved");
  });

  test(`${adapter}: wrong answers end a challenge, and then the right one is none`, async () => {
    const counters = open();
    const answer = (isRight: boolean) => counters.attempt("first", { isRight, triesMax: 3, leftMs: minuteMs });
    const all = [
      await answer(false),
      await answer(false),
      await answer(false),
      await answer(true),
      await answer(false),
    ];
    expect(all).toEqual(["wrong", "wrong", "wrong", "over", "over"]);
  });

  test(`${adapter}: what a challenge has earned is spent once`, async () => {
    const counters = open();
    await counters.attempt("first", { isRight: true, triesMax: 3, leftMs: minuteMs });
    const spent = await Promise.all(Array.from({ length: 20 }, (_, n) => counters.spend("first", `of ${n}`, minuteMs)));
    expect(spent.filter((each) => each)).toHaveLength(1);
    expect(await counters.spend("second", "of 1", minuteMs)).toBe(true);
    // Whose answer was lost asks again.
    const winner = `of ${spent.indexOf(true)}`;
    expect([await counters.spend("first", winner, minuteMs), await counters.spend("first", "x", minuteMs)]).toEqual([
      true,
      false,
    ]);
  });
}
