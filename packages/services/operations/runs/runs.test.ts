/** What staff see of runs and say of them by the API: on the trail before it is done, refused with a reason, and changed only where it is no dry run. */
import { expect, test } from "bun:test";
import {
  type Composition,
  type Placement,
  refusals,
  type Role,
  type Run,
  runId,
  type RunActAnswer,
  type RunProgress,
  type RunsOfDay,
  type RunView,
  type SeatedParty,
  seatsOf,
  type Timetable,
} from "@chepiao/contracts";
import { epochMs, type OrderId, orderNoOf, parseZone, type ServiceDate, type UserId } from "@chepiao/kernel";
import { createMemoryAuditTrail } from "@chepiao/ports/audit-trail";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryQuotaStore } from "@chepiao/ports/quota-store";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryRunStateStore } from "@chepiao/ports/run-states";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { createMemoryWithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { createActs } from "../acts.ts";
import { createRunHandlers, type RunHandlersDeps } from "./handlers.ts";

const date = "2026-12-01" as ServiceDate;
const zone = parseZone("Asia/Shanghai")!;
const section = (rows: number) => [{ seatClass: "second" as const, rows }];
/** Five seats a row: 0…24 in coach 1, 25…29 in coach 2. */
const composition: Composition = {
  code: "T",
  coaches: [
    { no: 1, sections: section(5) },
    { no: 2, sections: section(1) },
  ],
};
const longer: Composition = { code: "L", coaches: [...composition.coaches, { no: 3, sections: section(1) }] };
const stops = ["A", "B", "C"].map((stationId, n) => ({
  stationId,
  name: stationId,
  arriveS: n * 3_600,
  departS: n * 3_600 + 60,
  distanceM: n,
}));
const runOf = (train: string, made: Composition): Run => ({
  runId: runId(train, date),
  originDate: date,
  dayStart: epochMs(Date.parse("2026-11-30T16:00:00Z")),
  train: { trainNumber: train, trainType: "highSpeed", zone, stops, composition: made, trainVersionId: 1 },
});
const run = runId("G1", date);

function sold(orderId: number, seatIndex: number): OrderRecord {
  const { lines, tickets, ...order } = sampleOrder({ seats: [seatIndex] });
  return {
    ...order,
    orderId: orderId as OrderId,
    orderNo: orderNoOf(orderId as OrderId),
    state: "ticketed",
    version: 0,
    paymentNo: "P1",
    paidAt: null,
    endedBecause: null,
    lines: [{ ...lines[0], runId: run, seatClass: "second", fromStop: 0, toStop: 1 }],
    tickets: tickets.map((ticket) => ({
      ...ticket,
      ticketNo: `${orderId}-1`,
      coachNo: seatIndex < 25 ? 1 : 2,
      documentHash: `D${orderId}`,
      state: "issued",
      feeFen: null,
      refundFen: null,
    })),
  };
}

/** Who sits in a coach that is not there moves to nowhere. */
const planRefit = (
  _: Run,
  { composition: made, withoutCoaches }: { composition: Composition; withoutCoaches: readonly number[] },
  parties: readonly SeatedParty[],
) =>
  parties.flatMap(({ orderId, line, seatClass, tickets }) =>
    tickets.map(({ ticketNo, seatIndex }): Placement => {
      const seat = seatsOf(made).get(seatClass)![seatIndex]!;
      const isLost = withoutCoaches.includes(seat.coachNo);
      const place = { seatClass, seat };
      return { orderId, line, ticketNo, before: place, after: isLost ? null : place, isMoved: isLost };
    }),
  );

function world(seats: readonly number[]) {
  const clock = createManualClock(epochMs(Date.UTC(2026, 10, 30)));
  const outbox = createMemoryOutbox();
  const orders = seats.map((seat, n) => sold(n + 1, seat));
  const trail = createMemoryAuditTrail();
  const withdrawnCoaches = createMemoryWithdrawnCoachStore();
  const runStates = createMemoryRunStateStore();
  const runs = [runOf("G1", composition), runOf("G2", longer), runOf("D3", longer)];
  const taken: bigint[] = [];
  const timetable = {
    zone,
    zoneOf: () => zone,
    run: (train: string, day: string) =>
      day === date ? (runs.find((each) => each.train.trainNumber === train) ?? null) : null,
    runsOn: (day: string) => (day === date ? runs : []),
    resolvePlace: (text: string) => (text === "?" ? [] : [text]),
    station: () => null,
    stateOf: () => null,
    saleOpensAt: () => clock.now(),
  } as unknown as Timetable;
  const reports: string[] = [];
  const deps: RunHandlersDeps = {
    clock,
    orders: {
      ...createMemoryOrderStore(outbox),
      holdersOn: async () => orders.map(({ orderId }) => orderId),
      holdersOf: async () => new Map([[run, orders.length]]),
      load: async (orderId) => orders.find((each) => each.orderId === orderId) ?? null,
    },
    waitlist: createMemoryWaitlistStore(outbox),
    withdrawnCoaches,
    runStates,
    quotas: createMemoryQuotaStore(),
    timetable: () => timetable,
    planners: {
      planRefit,
      lengthsOf: () => [],
      oneMoreCoach: () => [],
      wouldServe: (seatsTaken) => {
        taken.push(...(seatsTaken.get("second") ?? []));
        return [];
      },
    },
    acts: createActs({ trail, clock, random: createSeededRandom(1) }),
    actorOf: async ({ role }) => ({ door: "route", who: "ann", userId: 7 as UserId, role }),
    report: (message) => void reports.push(message),
  };
  const handlers = createRunHandlers(deps);
  type Name = keyof typeof handlers;
  async function ask<T>(
    name: Name,
    over: { body?: object; query?: object; train?: string; role?: Role } = {},
  ): Promise<T> {
    const { body, query, train = "G1", role = "operator" } = over;
    const call = { session: { role }, params: { trainNumber: train, originDate: date }, body, query };
    const handler = handlers[name] as unknown as (
      asked: object,
    ) => Promise<{ ok: boolean; value?: { body: T }; error?: T }>;
    const answer = await handler(call);
    await clock.advance(1);
    return answer.ok ? answer.value!.body : answer.error!;
  }
  const act = (name: Name, body: object, train = "G1") =>
    ask<RunActAnswer & { code?: string; facts?: object }>(name, {
      body: { dryRun: false, reason: "flood", ...body },
      train,
    });
  const entries = async () =>
    (await trail.find({ limit: 99 })).map(({ action, what, isDryRun, end }) => [
      action,
      what,
      isDryRun,
      end?.outcome ?? null,
    ]);
  return { clock, trail, taken, withdrawnCoaches, runStates, reports, ask, act, entries, deps };
}

test("a dry run says what a cancellation means and changes nothing; done, it is said, and how far it is can be asked", async () => {
  const { ask, act, entries, runStates, trail } = world(Array.from({ length: 21 }, (_, n) => n));
  expect(await act("cancelRun", { dryRun: true })).toMatchObject({
    isDryRun: true,
    isSaid: false,
    title: "G1/2026-12-01",
    giveBack: { orders: 21, tickets: 21, passengers: 21, unpaid: 0, waiting: 0 },
  });
  expect(await act("cancelRun", {})).toMatchObject({ code: "ActUnconfirmed", facts: { tickets: 21, confirmed: null } });
  expect(await act("cancelRun", { confirm: 20 })).toMatchObject({ code: "ActUnconfirmed" });
  expect([await runStates.version(), await ask("runProgress")]).toEqual([0, { giveBack: null, seats: null }]);
  expect(await act("cancelRun", { confirm: 21 })).toMatchObject({ isDryRun: false, refundsInS: 5 });
  expect((await ask<RunProgress>("runProgress")).giveBack).toMatchObject({
    title: run,
    left: 21,
    tickets: 0,
    isRestoring: false,
  });
  expect(
    (await ask<RunsOfDay>("runs", { query: { date } })).runs.find(({ trainNumber }) => trainNumber === "G1"),
  ).toMatchObject({
    word: "cancelled",
    saidBy: ["operator"],
  });
  expect(await act("cancelRun", { confirm: 21 })).toMatchObject({ isSaid: true });
  const what = "cancels G1/2026-12-01, 21 tickets";
  expect((await entries()).filter(([action]) => action === "cancelRun").toReversed()).toEqual([
    ["cancelRun", what, true, "done"],
    ["cancelRun", what, false, "refused"],
    ["cancelRun", what, false, "refused"],
    ["cancelRun", what, false, "done"],
    ["cancelRun", "cancels G1/2026-12-01, 0 tickets", false, "done"],
  ]);
  const [, done] = await trail.find({ action: "cancelRun", limit: 9 });
  expect(done).toMatchObject({
    who: "ann",
    role: "operator",
    subject: "run G1/2026-12-01",
    reason: "flood",
    before: "G1/2026-12-01 runs",
    end: { after: "G1/2026-12-01 is cancelled" },
  });
});

test("what cannot be put on the trail is neither shown nor done", async () => {
  const { trail, ask, act, runStates } = world([0]);
  Object.assign(trail, { append: () => Promise.reject(new Error("SQL is away")) });
  for (const asked of [
    () => act("cancelRun", {}),
    () => ask("run"),
    () => ask("runs", { query: { date } }),
    () => ask("runProgress"),
  ])
    expect(await asked().catch((error: Error) => error.message)).toBe("SQL is away");
  expect(await runStates.version()).toBe(0);
});

test("done is done, also where its end cannot be written any more", async () => {
  const { trail, act, runStates, reports } = world([0]);
  Object.assign(trail, { end: () => Promise.reject(new Error("SQL is away")) });
  expect(await act("cancelRun", {})).toMatchObject({ isSaid: false });
  expect([await runStates.version(), reports.length]).toEqual([1, 1]);
});

test("a train is shortened between two of its stations; what is less than stands, or makes no sense, is refused", async () => {
  const { act, ask } = world([0]);
  expect(await act("shortenRun", { from: "A", to: "C" })).toMatchObject({ code: "WholeWay" });
  expect(await act("shortenRun", { from: "B", to: "A" })).toMatchObject({ code: "NotOnRoute" });
  expect(await act("shortenRun", { from: "?", to: "A" })).toMatchObject({ code: "StationUnknown" });
  expect(await act("shortenRun", { from: "B", to: "C" }, "G9")).toMatchObject({ code: "RunUnknown" });
  expect(await act("restoreRun", {})).toMatchObject({ code: "RunNotCancelled" });
  expect(await act("shortenRun", { from: "B", to: "C" })).toMatchObject({ title: "G1/2026-12-01, only B–C" });
  const { word, stops: shown } = await ask<RunView>("run");
  expect([word, shown.map(({ isSkipped }) => isSkipped)]).toEqual(["shortened", [true, false, false]]);
  await act("cancelRun", {});
  expect(await act("shortenRun", { from: "B", to: "C" })).toMatchObject({ code: "RestoreFirst" });
});

test("a cancellation is taken back while no money has gone back", async () => {
  const { act, ask, clock } = world([0]);
  await act("cancelRun", {});
  const restored = act("restoreRun", {});
  let isOver = false;
  void restored.then(() => void (isOver = true));
  while (!isOver) {
    await clock.advance(500);
    await new Promise(setImmediate);
  }
  expect(await restored).toMatchObject({ act: "restore", isSaid: false });
  expect((await ask<RunView>("run")).word).toBe("runs");
});

test("coaches are withdrawn, lost and reinstated, and what that means is said before", async () => {
  const { act, ask, withdrawnCoaches } = world([0, 1, 25]);
  expect(await act("withdrawCoaches", { coachNos: [2], dryRun: true })).toMatchObject({
    coachSeats: [{ seatClass: "second", seats: 5, tickets: 1 }],
  });
  expect(await act("reinstateCoaches", { coachNos: [2] })).toMatchObject({ code: "CoachNotWithdrawn" });
  expect(await act("loseCoaches", { coachNos: [9] })).toMatchObject({ code: "CoachUnknown", facts: { coach: 9 } });
  expect(await withdrawnCoaches.version()).toBe(0);
  const { moves } = await act("loseCoaches", { coachNos: [2] });
  expect(moves).toMatchObject({ tickets: 3, stay: 2, without: 1, confirm: 1, serves: [] });
  expect(moves!.rows).toMatchObject([{ ticketNo: "3-1", before: { label: "02车01A" }, after: null }]);
  expect(await act("loseCoaches", { coachNos: [2] })).toMatchObject({ isSaid: true });
  const { coaches, classes } = await ask<RunView>("run");
  expect(coaches.map(({ no, isLost, isWithdrawn }) => [no, isLost, isWithdrawn])).toEqual([
    [1, false, false],
    [2, true, true],
  ]);
  expect(classes).toEqual([{ seatClass: "second", seats: 25, sold: 3, held: 0, free: [23, 25] }]);
  expect((await ask<RunProgress>("runProgress")).seats).toMatchObject({
    lost: [{ coachNo: 2, tickets: 1 }],
    exchange: null,
  });
  await act("reinstateCoaches", { coachNos: [2] });
  expect(await withdrawnCoaches.ofRuns([run])).toMatchObject([{ coachNos: [], lost: [] }]);
});

test("an exchange for a longer train tells whom of the waitlist it would serve with the seats that nobody has", async () => {
  const { act, ask, taken } = world([0]);
  expect(await act("exchangeRun", { composition: "X", dryRun: true })).toMatchObject({
    code: "CompositionUnknown",
    facts: { compositions: "L, T" },
  });
  expect(await act("exchangeRun", { composition: "T", dryRun: true })).toMatchObject({ isSaid: true });
  expect(await act("exchangeRun", { composition: "L", dryRun: true })).toMatchObject({
    moves: { tickets: 1, stay: 1, confirm: 0, serves: [] },
  });
  // Seat 0 from the first stop to the second; nobody has another.
  expect([taken.length, taken.filter((way) => way !== 0n)]).toEqual([35, [1n]]);
  await act("exchangeRun", { composition: "L" });
  const view = await ask<RunView>("run");
  expect(view).toMatchObject({ composition: "L", soldAs: "T" });
  expect(view.coaches.map(({ no, seats }) => [no, seats.length])).toEqual([
    [1, 25],
    [2, 5],
    [3, 5],
  ]);
  expect((await ask<RunProgress>("runProgress")).seats).toMatchObject({ exchange: "notBegun", elsewhere: 0 });
});

test("who may not see travellers reads how their names begin", async () => {
  const { ask } = world([0]);
  const name = sampleOrder().tickets[0]!.name;
  const nameFor = async (role: Role) =>
    (await ask<RunView>("run", { role })).coaches[0]!.seats[0]!.taken.map((each) => each.name);
  expect([await nameFor("operator"), await nameFor("auditor")]).toEqual([[name], [`${Array.from(name)[0]}**`]]);
  expect(await ask("run", { train: "G9" })).toMatchObject({ code: "RunUnknown" });
});

test("runs of a day are in order, by what their number begins with, page after page", async () => {
  const { ask } = world([0]);
  const page = async (query: object) => {
    const { runs, next } = await ask<RunsOfDay>("runs", { query: { date, ...query } });
    return [runs.map(({ trainNumber }) => trainNumber), next];
  };
  expect(await page({})).toEqual([["D3", "G1", "G2"], null]);
  expect(await page({ train: "g" })).toEqual([["G1", "G2"], null]);
  expect(await page({ limit: 2 })).toEqual([["D3", "G1"], "G1"]);
  expect(await page({ limit: 2, after: "G1" })).toEqual([["G2"], null]);
  expect(await page({ date: "2026-12-02" })).toEqual([[], null]);
});

test("who comes behind somebody else's word is told, and has changed nothing", async () => {
  const { act, deps, withdrawnCoaches } = world([0]);
  const { version } = withdrawnCoaches;
  Object.assign(deps.withdrawnCoaches, { version: async () => (await version()) - 1 });
  expect(await act("withdrawCoaches", { coachNos: [2] })).toMatchObject({ code: "ChangedMeanwhile" });
  expect(Object.keys(refusals)).toContain("ChangedMeanwhile");
});
