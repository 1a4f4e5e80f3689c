/** Pass after pass, everybody with a seat in a lost coach is asked another for, in the planned order, until he has one, has left, or there is none. */
import { expect, test } from "bun:test";
import {
  type Composition,
  type OrderClient,
  refusal,
  type RefusalCode,
  type ReseatCommand,
  type Run,
  type SeatClass,
  ServiceUnavailable,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, ok, type OrderId, orderNoOf, refuse, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { coachesOf, eve, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { compositionOf, createMemoryWithdrawnCoachStore, type Exchange } from "@chepiao/ports/withdrawn-coaches";
import { askAgainAfterMs, createReseats, lostNoticeMs } from "./index.ts";

/** Coach 1 is first class, coaches 2 and 3 second. */
const run: Run = testRun(coachesOf(["first", 1], ["second", 1], ["second", 1]), 4);

type Ticket = {
  readonly coachNo: number;
  readonly state?: string;
  readonly leave?: string;
  readonly enteredAt?: number;
};
function order(orderId: number, seatClass: SeatClass, tickets: readonly Ticket[], over: object = {}): OrderRecord {
  return {
    orderId,
    version: 0,
    state: "ticketed",
    lines: [
      { line: 0, runId: run.runId, seatClass, fromStop: 0, toStop: 2, departAt: run.dayStart, fromStationId: "A" },
    ],
    tickets: tickets.map(({ coachNo, state = "issued", leave, enteredAt }, n) => ({
      ticketNo: `${orderId}-${n}`,
      line: 0,
      seatIndex: n,
      coachNo,
      state,
      ...(leave && { passages: { leave: { stationId: leave } } }),
      ...(enteredAt && { passages: { enter: { stationId: "A", at: enteredAt } } }),
    })),
    ...over,
  } as unknown as OrderRecord;
}

type Answer = (asked: ReseatCommand) => RefusalCode | null | Promise<RefusalCode | null>;

function world(orders: readonly OrderRecord[], answer: Answer = () => null) {
  const clock = createManualClock(eve);
  const withdrawnCoaches = createMemoryWithdrawnCoachStore();
  const asked: string[] = [];
  const looks: EpochMs[] = [];
  const reports: string[] = [];
  const counted = { reseated: 0 };
  const known = { run };
  const reseat: OrderClient["reseat"] = async (command) => {
    asked.push(`${command.ticketNos.join(" ")} ${command.seatClass}`);
    const why = await answer(command);
    return why ? refuse(refusal(why)) : ok(orderNoOf(command.orderId));
  };
  const { pass } = createReseats({
    clock,
    timetable: () => ({ run: (train) => (train === "G1" ? known.run : null) }),
    withdrawnCoaches,
    store: {
      holdersOn: async () => {
        looks.push(clock.now());
        return orders.map(({ orderId }) => orderId);
      },
      load: async (orderId: OrderId) => orders.find((each) => each.orderId === orderId) ?? null,
    },
    orders: { reseat },
    count: (what, howMany) => {
      counted[what] += howMany;
    },
    report: (message) => reports.push(message),
  });
  const lose = async (...nos: readonly number[]) =>
    void (await withdrawnCoaches.set(await withdrawnCoaches.version(), {
      runId: run.runId,
      coachNos: nos,
      lost: nos.map((no) => ({ no, since: epochMs(clock.now()) })),
    }));
  const passes = async () => {
    asked.length = 0;
    await pass();
    return [...asked];
  };
  const rows = async () =>
    (await withdrawnCoaches.reseats(run.runId)).map(({ orderId, ticketNos, why }) => [
      Number(orderId),
      ticketNos.join(" "),
      why,
    ]);
  return { clock, withdrawnCoaches, lose, passes, rows, looks, reports, counted, known };
}

test("better classes are asked for first, then large parties, and nobody but who sits in a lost coach", async () => {
  const { clock, lose, passes, counted } = world([
    order(1, "second", [{ coachNo: 2 }]),
    order(2, "second", [{ coachNo: 2 }, { coachNo: 3 }, { coachNo: 2 }]),
    order(3, "second", [{ coachNo: 3 }]),
    order(4, "first", [{ coachNo: 1 }]),
  ]);
  await lose(1, 2);
  // As long as the coach may still be sold.
  expect(await passes()).toEqual([]);
  await clock.advance(lostNoticeMs);
  expect(await passes()).toEqual(["4-0 first", "2-0 2-2 second", "1-0 second"]);
  expect(counted.reseated).toBe(4);
});

test("where a class has no seats the next better one is asked for, for all of a party, then for each; who gets none is asked for again", async () => {
  const { clock, lose, passes, reports } = world(
    [order(1, "second", [{ coachNo: 2 }, { coachNo: 2 }])],
    ({ ticketNos, seatClass }) => (ticketNos.join() === "1-0" && seatClass === "first" ? null : "SoldOut"),
  );
  await lose(2);
  await clock.advance(lostNoticeMs);
  const ladder = ["1-0 1-1 second", "1-0 1-1 first", "1-0 second", "1-0 first", "1-1 second", "1-1 first"];
  expect(await passes()).toEqual(ladder);
  expect(await passes()).toEqual([]);
  await clock.advance(askAgainAfterMs);
  expect(await passes()).toEqual(ladder);
  expect(reports).toEqual([]);
});

test("of each order there is one row: its tickets, and why they could not be moved last; also where the process dies between", async () => {
  const why = new Map<string, RefusalCode | "dies">([
    ["2-0", "SoldOut"],
    ["3-0", "dies"],
  ]);
  const { clock, lose, passes, rows } = world(
    [1, 2, 3, 4].map((id) => order(id, "second", id === 1 ? [{ coachNo: 2 }, { coachNo: 2 }] : [{ coachNo: 2 }])),
    ({ ticketNos: [ticketNo] }) => {
      const code = why.get(ticketNo!) ?? null;
      if (code === "dies") throw new ServiceUnavailable("order", "it was killed");
      return code;
    },
  );
  await lose(2);
  await clock.advance(lostNoticeMs);
  expect(await passes().catch((error: Error) => [error.message])).toEqual(["order is away: it was killed"]);
  // Whom it had not come to is known all the same.
  expect(await rows()).toEqual([
    [1, "1-0 1-1", null],
    [2, "2-0", null],
    [3, "3-0", null],
    [4, "4-0", null],
  ]);
  why.delete("3-0");
  await clock.advance(askAgainAfterMs);
  await passes();
  expect((await rows()).map(([, , code]) => code)).toEqual([null, "SoldOut", null, null]);
  why.clear();
  await clock.advance(askAgainAfterMs);
  await passes();
  expect((await rows()).map(([, , code]) => code)).toEqual([null, null, null, null]);
});

test("of one rank some are asked for at a time, and nobody of the next before they have their seats or none", async () => {
  const parties = [3, 1, 1, 2, ...Array<number>(40).fill(1)];
  let inWork = 0;
  const together: [number, number][] = [];
  const { clock, lose, passes, counted } = world(
    parties.map((size, n) =>
      order(
        n + 1,
        "second",
        Array.from({ length: size }, () => ({ coachNo: 2 })),
      ),
    ),
    async ({ ticketNos }) => {
      inWork++;
      await Bun.sleep(0);
      together.push([ticketNos.length, inWork]);
      await Bun.sleep(0);
      inWork--;
      return null;
    },
  );
  await lose(2);
  await clock.advance(lostNoticeMs);
  expect((await passes()).map((each) => each.split(" ").length - 1).slice(0, 3)).toEqual([3, 2, 1]);
  expect(together.slice(0, 2)).toEqual([
    [3, 1],
    [2, 1],
  ]);
  expect(Math.max(...together.map(([, count]) => count))).toBe(16);
  expect(counted.reseated).toBe(47);
});

test("where the order room dies the others that were asked for have their seats, and nobody else is asked for until it is back", async () => {
  let isAway = true;
  const { clock, lose, passes, counted } = world(
    Array.from({ length: 40 }, (_, n) => order(n + 1, "second", [{ coachNo: 2 }])),
    async ({ orderId }) => {
      await Bun.sleep(0);
      if (isAway && Number(orderId) === 20) throw new ServiceUnavailable("order", "it was killed");
      return null;
    },
  );
  await lose(2);
  await clock.advance(lostNoticeMs);
  expect(await passes().catch((error: Error) => error.message)).toBe("order is away: it was killed");
  expect(counted.reseated).toBe(31);
  isAway = false;
  // Those that are seated have other tickets by now; here they are as they were, and not asked for again for a minute.
  expect(await passes()).toHaveLength(9);
  expect(counted.reseated).toBe(40);
});

test("who is not to be moved is not asked for: unpaid, given back, changed, gone, inside, or after the train has left", async () => {
  const { clock, lose, passes } = world([
    order(1, "second", [{ coachNo: 2, state: "held" }], { state: "pendingPayment" }),
    order(2, "second", [
      { coachNo: 2, state: "refunded" },
      { coachNo: 2, state: "changed" },
    ]),
    order(3, "second", [{ coachNo: 2, state: "used", leave: "B" }]),
    order(4, "second", [{ coachNo: 2, state: "used", enteredAt: eve - minuteMs }, { coachNo: 2 }]),
  ]);
  await lose(2);
  await clock.advance(lostNoticeMs);
  expect(await passes()).toEqual(["4-1 second"]);
  await clock.advance(run.dayStart - clock.now());
  await passes();
  expect(await passes()).toEqual([]);
});

test("a coach that is only withdrawn, or was reinstated, moves nobody", async () => {
  const { clock, withdrawnCoaches, lose, passes } = world([order(1, "second", [{ coachNo: 2 }])]);
  await withdrawnCoaches.set(0, { runId: run.runId, coachNos: [2], lost: [] });
  await clock.advance(lostNoticeMs);
  expect(await passes()).toEqual([]);
  await lose(2);
  await lose();
  await clock.advance(lostNoticeMs);
  expect(await passes()).toEqual([]);
});

test("what cannot be done is told, what was given back meanwhile is not, and neither keeps others from their seats", async () => {
  const refusals: Record<string, RefusalCode> = {
    "1-0": "ChildWithoutAdult",
    "2-0": "TicketNotChangeable",
    "3-0": "Overloaded",
  };
  const { clock, lose, passes, reports, counted } = world(
    [1, 2, 3, 4].map((id) => order(id, "second", [{ coachNo: 2 }])),
    ({ ticketNos: [ticketNo] }) => refusals[ticketNo!] ?? null,
  );
  await lose(2);
  await clock.advance(lostNoticeMs + secondMs);
  expect(await passes()).toHaveLength(4);
  // The platform was busy: that one is asked for in the next pass.
  expect(await passes()).toEqual(["3-0 second"]);
  expect(reports).toEqual(["tickets 1-0 could not be given other seats: ChildWithoutAdult"]);
  expect(counted.reseated).toBe(1);
});

test("whose own change waits for its money does not keep his party from other seats", async () => {
  const { clock, lose, passes, reports, counted } = world(
    [order(1, "second", [{ coachNo: 2 }, { coachNo: 2 }])],
    ({ ticketNos }) => (ticketNos.includes("1-0") ? "TripOverlaps" : null),
  );
  await lose(2);
  await clock.advance(lostNoticeMs);
  expect(await passes()).toEqual(["1-0 1-1 second", "1-0 second", "1-1 second"]);
  expect([counted.reseated, reports]).toEqual([1, []]);
});

test("an order that cannot be decided on holds up nobody behind it, and is told", async () => {
  const { clock, lose, passes, reports, counted } = world(
    [1, 2].map((id) => order(id, "second", [{ coachNo: 2 }])),
    ({ ticketNos }) => {
      if (ticketNos.includes("1-0")) throw new TypeError("no such line");
      return null;
    },
  );
  await lose(2);
  await clock.advance(lostNoticeMs);
  expect(await passes()).toEqual(["1-0 second", "2-0 second"]);
  expect([counted.reseated, reports]).toEqual([1, ["order 1 could not be given other seats"]]);
});

test("where nobody is to be moved the orders of the run are read once a minute, and at once when a coach is lost", async () => {
  const { clock, lose, passes, looks } = world([order(1, "second", [{ coachNo: 3 }])]);
  await lose(2);
  await clock.advance(lostNoticeMs);
  for (let n = 0; n < 5; n++) await passes();
  expect(looks.length).toBe(1);
  await clock.advance(askAgainAfterMs);
  await passes();
  expect(looks.length).toBe(2);
  await lose(2, 3);
  await clock.advance(lostNoticeMs);
  expect(await passes()).toEqual(["1-0 second"]);
});

/** Second class is in coach 2 alone, which is smaller, and coach 4: seats 0…4 of it stay, 5…9 are gone. */
const other: Composition = {
  code: "other",
  coaches: [...coachesOf(["first", 1], ["second", 1]), { no: 4, sections: [{ seatClass: "second", rows: 1 }] }],
};
const exchangeOf = (over: Partial<Exchange> = {}): Exchange => ({
  compositions: [run.train.composition, other],
  since: eve,
  closedAt: eve,
  openedAt: null,
  ...over,
});
const seated = (orderId: number, seatIndex: number) => {
  const one = order(orderId, "second", [{ coachNo: seatIndex < 5 ? 2 : 3 }]);
  return { ...one, tickets: one.tickets.map((ticket) => ({ ...ticket, seatIndex })) };
};

async function exchanged(orders: readonly OrderRecord[], answer: Answer = () => null) {
  const all = world(orders, answer);
  const { known, withdrawnCoaches } = all;
  const say = async (exchange: Exchange) => {
    await withdrawnCoaches.set(await withdrawnCoaches.version(), {
      runId: run.runId,
      coachNos: [],
      lost: [],
      exchange,
    });
    known.run = { ...run, train: { ...run.train, composition: compositionOf(exchange) } };
  };
  const openedAt = async () => (await withdrawnCoaches.ofRuns([run.runId]))[0]!.exchange!.openedAt;
  return { ...all, say, openedAt };
}

test("who sits where the train has no seat since it was exchanged is moved once it is closed to others, and then it opens", async () => {
  const { clock, known, say, passes, openedAt } = await exchanged([seated(1, 4), seated(2, 5)]);
  await say(exchangeOf({ closedAt: null }));
  expect(await passes()).toEqual([]);
  await say(exchangeOf());
  // This process has not heard which seats there are.
  const heard = known.run;
  known.run = run;
  expect(await passes()).toEqual([]);
  expect(await openedAt()).toBeNull();
  known.run = heard;
  expect(await passes()).toEqual(["2-0 second"]);
  expect(await openedAt()).toBe(clock.now());
});

test("as long as of anybody it is not known whether he has a seat, the run stays closed; who was refused one does not keep it so", async () => {
  const why = new Map<string, RefusalCode>([
    ["1-0", "ServiceUnavailable"],
    ["2-0", "SoldOut"],
  ]);
  const { say, passes, openedAt } = await exchanged(
    [seated(1, 5), seated(2, 6)],
    ({ ticketNos: [no] }) => why.get(no!) ?? null,
  );
  await say(exchangeOf());
  await passes();
  expect(await openedAt()).toBeNull();
  why.delete("1-0");
  expect(await passes()).toEqual(["1-0 second"]);
  expect(await openedAt()).not.toBeNull();
});

test("exchanged again, everybody is asked for at once, also who was just refused; exchanged back, nobody is", async () => {
  const { clock, say, passes, openedAt } = await exchanged([seated(1, 5)], () => "SoldOut");
  const asked = ["1-0 second", "1-0 first"];
  await say(exchangeOf());
  expect(await passes()).toEqual(asked);
  expect(await passes()).toEqual([]);
  await clock.advance(secondMs);
  await say(exchangeOf({ since: clock.now() }));
  expect(await passes()).toEqual(asked);
  const back: Exchange["compositions"] = [run.train.composition, other, run.train.composition];
  await say(exchangeOf({ compositions: back, since: epochMs(clock.now() + 1) }));
  expect(await passes()).toEqual([]);
  expect(await openedAt()).not.toBeNull();
});
