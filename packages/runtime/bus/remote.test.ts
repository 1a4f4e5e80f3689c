/** A room's client gives the same answers whether the room is in this process or in another. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
  type Changes,
  type HoldCommand,
  type HoldName,
  type InventoryClient,
  inventoryClient,
  type KnownPassenger,
  type Leg,
  type OrderClient,
  orderClient,
  refusal,
  type Run,
  runId,
  ServiceUnavailable,
  type SessionView,
  type Timetable,
  type ToldOrder,
  type UserClient,
  userClient,
} from "@chepiao/contracts";
import {
  createPrng,
  epochMs,
  type EpochMs,
  fen,
  minuteMs,
  ok,
  orderNoOf,
  type OrderId,
  type OrderNo,
  type PassengerId,
  refuse,
  secondMs,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { coachesOf, eve, refOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { createGatherer } from "./gather.ts";
import { callerOf, serveRole } from "./role.suite.ts";
import { askEveryMs } from "./runWatch.ts";
import { answerCalls, createRemoteClient } from "./remote.ts";

const nextTurnSoon = (call: () => void) => void setImmediate(call);
const context = {
  timetable: (): Timetable => {
    throw new Error("no run is named");
  },
};

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const serve: typeof serveRole = (...args) => {
  const role = serveRole(...args);
  cleanUp.defer(() => role.stop());
  return role;
};

describe("inventory", () => {
  const runs = [testRun(coachesOf(["first", 2], ["second", 4]), 6, "G1"), testRun(coachesOf(["second", 3]), 4, "G2")];
  const timetable = (known: readonly Run[]) => () =>
    ({
      run: (trainNumber, originDate) =>
        known.find((run) => run.train.trainNumber === trainNumber && run.originDate === originDate) ?? null,
    }) as Pick<Timetable, "run"> as Timetable;

  const clientOf = (seats = createMemorySeatStore()): InventoryClient => {
    return {
      hold: (commands) => seats.hold(commands, eve),
      confirm: seats.confirm,
      release: async (hold, seatIndexes) => void (await seats.release(hold, eve, seatIndexes)),
      available: (legs) => seats.available(legs, eve),
      freeSeats: seats.freeSeats,
      changedRuns: seats.changedRuns!,
    };
  };
  const clock = { ...createManualClock(eve), soon: nextTurnSoon };
  const remoteAt = (url: string) =>
    cleanUp.use(createRemoteClient(inventoryClient, { caller: callerOf([url], { role: "inventory" }), clock }));
  const remoteOf = (client: InventoryClient, known: readonly Run[] = runs) => {
    const role = serve([answerCalls(inventoryClient, client, { timetable: timetable(known) })]);
    return { role, remote: remoteAt(role.url) };
  };
  test("whose seats cannot be given back hears so alone, and all others that they are", async () => {
    const gone: HoldName[] = [];
    const sick = {
      ...clientOf(),
      async release(hold: HoldName) {
        if (hold.runId === runs[0]!.runId) throw new ServiceUnavailable("Redis", "its master says nothing", 3);
        gone.push(hold);
      },
    };
    const { role, remote } = remoteOf(sick);
    const name = (n: number) => ({ runId: runs[n]!.runId, holdId: 7 as OrderId, line: 0 });
    const [struck, spared] = await Promise.allSettled([remote.release(name(0)), remote.release(name(1))]);
    expect(struck).toMatchObject({ status: "rejected", reason: { retryAfterSeconds: 3 } });
    expect(spared.status).toBe("fulfilled");
    expect([gone.length, role.asked.length]).toEqual([1, 1]);
  });
  let lastId = 1_000;
  const randomCommand = (prng: ReturnType<typeof createPrng>): HoldCommand => {
    const run = prng.pick(runs);
    const fromStop = prng.below(run.train.stops.length - 1);
    return {
      holdId: ++lastId as OrderId,
      line: prng.below(3),
      run,
      seatClass: prng.pick(["first", "second", "business"] as const),
      fromStop,
      toStop: fromStop + 1 + prng.below(run.train.stops.length - 1 - fromStop),
      preferences: Array.from({ length: 1 + prng.below(3) }, () => prng.pick([null, "window", "A", "lower"] as const)),
      deadline: epochMs(eve + (prng.chance(0.1) ? -1 : minuteMs)),
    };
  };

  test("I7 the same commands get the same seats and refusals, word for word, however often a call is repeated", async () => {
    const seed = Date.now() % 1_000_000;
    const prng = createPrng(seed);
    const near = clientOf();
    const { remote } = remoteOf(clientOf());
    const past: HoldCommand[] = [];
    const refusalsSeen = new Set<string>();
    const kinds = ["ClassNotOffered", "HoldExpired", "PreferenceImpossible", "SoldOut"];
    // A day may pass without a train that is full.
    for (let round = 0; round < 60 || (refusalsSeen.size < kinds.length && round < 1_000); round++) {
      const commands = Array.from({ length: 1 + prng.below(6) }, () =>
        past.length > 0 && prng.chance(0.2) ? prng.pick(past) : randomCommand(prng),
      );
      past.push(...commands);
      const [here, there] = await Promise.all([near.hold(commands), remote.hold(commands)]);
      expect({ seed, round, answers: there }).toEqual({ seed, round, answers: here });
      for (const answer of here) if (!answer.ok) refusalsSeen.add(answer.error.code);
      const [some, other] = [refOf(prng.pick(past)), refOf(prng.pick(past))];
      const seats = prng.chance(0.5) ? [0, 1] : undefined;
      for (const client of [near, remote]) {
        await client.confirm([some]);
        await client.release(other, seats);
      }
      const legs: Leg[] = runs.map((run) => ({ run, fromStop: 0, toStop: run.train.stops.length - 1 }));
      expect(await remote.available(legs)).toEqual(await near.available(legs));
      expect(await remote.freeSeats(legs[0]!, "second")).toEqual([...(await near.freeSeats(legs[0]!, "second"))]);
      expect(await remote.freeSeats(legs[1]!, "first")).toEqual([]);
    }
    expect([...refusalsSeen].sort()).toEqual(kinds);
  });

  test("says what may be sold, to whom and from when, as the other side does, also when that is of an older kind", async () => {
    const seats = createMemorySeatStore();
    const [run] = [testRun(coachesOf(["second", 1], ["first", 1], ["standing", 2]), 4, "G1")];
    const legs = [0, 1, 2].map((fromStop): Leg => ({ run, fromStop, toStop: 3 }));
    const limits = [0, 2].map((limit, n) => ({ since: epochMs(eve + n * minuteMs), seats: limit }));
    await seats.setOffers(
      [
        { run, seatClass: "second", quotas: [{ fromStops: [0], toStops: [3], limits }] },
        { run, seatClass: "first", waitlistGate: [{ fromStops: [1], toStops: [3] }] },
      ],
      eve,
    );
    const near = clientOf(seats);
    const { remote } = remoteOf(near, [run]);
    const told = await remote.available(legs);
    expect(told).toEqual(await near.available(legs));
    expect(told[0]!.get("second")).toMatchObject({ refusal: "NotOnSaleBetween", changesAt: epochMs(eve + minuteMs) });
    expect(told[1]!.get("first")).toMatchObject({ refusal: "WaitlistFirst" });
    expect(told[2]!.get("standing")).toMatchObject({ refusal: "StandingNotYet" });
    const command = { ...randomCommand(createPrng(1)), run, fromStop: 1, toStop: 3, preferences: [null] };
    const first = { ...command, seatClass: "first", deadline: epochMs(eve + minuteMs) } as const;
    const answers = await remote.hold([first, { ...first, channel: "change" }, { ...first, channel: "waitlist" }]);
    expect(answers.map((each) => (each.ok ? "held" : each.error.code))).toEqual([
      "WaitlistFirst",
      "WaitlistFirst",
      "held",
    ]);
    const older = serve([], () => Response.json({ free: [{ second: 3, first: 0 }] }));
    expect(await remoteAt(older.url).available([legs[0]!])).toEqual([
      new Map([
        ["second", { sellable: 3, refusal: null, changesAt: null }],
        ["first", { sellable: 0, refusal: "SoldOut", changesAt: null }],
      ]),
    ]);
  });

  test("does not sell by stops that the two sides count differently, and sells again when both have the newer timetable", async () => {
    const newer = { ...runs[0]!, train: { ...runs[0]!.train, trainVersionId: 2 } };
    const { remote } = remoteOf(clientOf(), [newer, runs[1]!]);
    const prng = createPrng(1);
    const commandFor = (run: Run) =>
      ({ ...randomCommand(prng), run, seatClass: "second", deadline: epochMs(eve + 1) }) as const;
    const whole = (run: Run) => ({ ...commandFor(run), fromStop: 0, toStop: 3, preferences: [null] });
    const answers = await remote.hold([whole(runs[0]!), whole(runs[1]!), whole(newer)]);
    expect(answers.map((answer) => (answer.ok ? "held" : answer.error))).toEqual([
      { code: "Overloaded", facts: { retryAfterSeconds: 5 } },
      "held",
      "held",
    ]);
  });

  test("has no seats on a run, or a way, that the other side does not know", async () => {
    const { remote } = remoteOf(clientOf(), [runs[1]!]);
    const [gone, known] = runs as [Run, Run];
    const free = await remote.available([
      { run: gone, fromStop: 0, toStop: 1 },
      { run: known, fromStop: 0, toStop: 1 },
      { run: known, fromStop: 0, toStop: 9 },
    ]);
    expect(free.map((counts) => counts.get("second")?.sellable)).toEqual([undefined, 15, undefined]);
    expect(await remote.freeSeats({ run: gone, fromStop: 0, toStop: 1 }, "second")).toEqual([]);
    expect(await remote.available([])).toEqual([]);
  });

  /** To look is to listen. */
  const hears = (changes: Changes) => changes.count >= 0 && !changes.silent;

  test("counts the changes of a run that others sell from, and of no other run", async () => {
    const { remote } = remoteOf(clientOf());
    const [sold, other] = runs.map((run) => remote.changes!(run)) as [Changes, Changes];
    while (!hears(sold)) await Bun.sleep(1);
    const before = [sold.count, other.count];
    await remote.hold([{ ...randomCommand(createPrng(1)), run: runs[0]!, seatClass: "second", preferences: [null] }]);
    await clock.advance(askEveryMs);
    while (sold.count === before[0]) await Bun.sleep(1);
    expect(other.count).toBe(before[1]!);
  });

  test("of a store that does not tell what changes finds everything changed with every question", async () => {
    const { changedRuns: _, ...silent } = clientOf();
    const { remote } = remoteOf(silent);
    const changes = remote.changes!(runs[0]!);
    while (!hears(changes)) await Bun.sleep(1);
    const before = changes.count;
    await clock.advance(askEveryMs);
    while (changes.count === before) await Bun.sleep(1);
  });

  test("is asked in few calls for what is asked at once, in the order asked", async () => {
    const { role, remote } = remoteOf(clientOf());
    const pages = Array.from({ length: 200 }, (_, n) => ({ run: runs[n % 2]!, fromStop: 0, toStop: 1 }));
    const free = await Promise.all(pages.map((leg) => remote.available([leg, leg])));
    expect(free.map((counts) => counts[1]!.get("second")!.sellable)).toEqual(
      pages.map((_, n) => (n % 2 === 0 ? 20 : 15)),
    );
    expect(role.asked.length).toBe(1);
  });

  test("that leaves out an answer is not believed", async () => {
    const role = serve([], () => Response.json({ answers: [], free: [] }));
    const remote = remoteAt(role.url);
    const asked = [
      remote.hold([randomCommand(createPrng(1))]),
      remote.available([{ run: runs[0]!, fromStop: 0, toStop: 1 }]),
    ];
    for (const each of await Promise.allSettled(asked))
      expect(each).toMatchObject({ status: "rejected", reason: { name: "ServiceUnavailable" } });
  });
});

describe("user", () => {
  const view = (userId: number): SessionView => ({ sessionId: `s${userId}`, userId, role: "passenger" });
  const passenger = (n: number): KnownPassenger => ({
    passengerId: n as PassengerId,
    name: "张三",
    documentType: "residentId",
    documentSealed: "sealed",
    documentHash: "hash",
    documentMasked: "1101****0012",
    ticketType: "adult",
    birthDate: null,
  });
  const state = { asked: 0, ended: false, away: false };
  const client: UserClient = {
    authenticate: (token) => {
      state.asked++;
      return state.ended || token === "nobody" ? null : view(Number(token));
    },
    passengers: async (userId) => [passenger(userId * 10), passenger(userId * 10 + 1)],
    documentHash: ({ type, number }) => (number === "none" ? null : `${type} ${number}`),
    mailAddress: (userId) => (userId === 7 ? "anna@example.com" : null),
    isDeleted: (userId) => userId === 8,
    accountOf: (name) => (name === "ann" ? (8 as UserId) : null),
  };
  const role = serve([answerCalls(userClient, client, context)], () =>
    state.away ? new Response(null, { status: 503 }) : null,
  );
  const clock = { now: eve };
  const users = () =>
    createRemoteClient(userClient, {
      caller: callerOf([role.url], { role: "user" }),
      clock: { ...createManualClock(eve), now: (): EpochMs => clock.now, soon: nextTurnSoon },
    });
  beforeEach(() => {
    Object.assign(state, { asked: 0, ended: false, away: false });
    role.asked.length = 0;
  });

  test("tells who a token belongs to, and keeps it for two seconds", async () => {
    const remote = users();
    expect(await remote.authenticate("7")).toEqual(view(7));
    expect(remote.authenticate("7")).toEqual(view(7));
    clock.now = epochMs(clock.now + 2 * secondMs);
    state.ended = true;
    expect(await remote.authenticate("7")).toBe(null);
    expect(await remote.authenticate("7")).toBe(null);
    expect(state.asked).toBe(3);
  });
  test("away, those who were here within the minute stay logged in, and all others hear that it is away", async () => {
    const remote = users();
    await remote.authenticate("7");
    state.away = true;
    clock.now = epochMs(clock.now + 59 * secondMs);
    expect(await remote.authenticate("7")).toEqual(view(7));
    clock.now = epochMs(clock.now + 2 * secondMs);
    for (const token of ["7", "8"])
      expect(await Promise.resolve(remote.authenticate(token)).catch((error: unknown) => error)).toBeInstanceOf(
        ServiceUnavailable,
      );
  });
  test("gives the passengers of many accounts in few calls, each to who asked", async () => {
    const remote = users();
    const lists = await Promise.all(
      Array.from({ length: 1_000 }, async (_, n) => remote.passengers((n + 1) as UserId)),
    );
    expect(lists.map(([first]) => first!.passengerId as number)).toEqual(lists.map((_, n) => (n + 1) * 10));
    expect(lists[4]).toEqual([passenger(50), passenger(51)]);
    expect(role.asked.length).toBe(2);
  });
  test("tells under which hash tickets keep the holder of a document, and of no document none", async () => {
    const shown = ["1", "none", "2"].map(async (number) => users().documentHash({ type: "passport", number }));
    expect(await Promise.all(shown)).toEqual(["passport 1", null, "passport 2"]);
  });
});

describe("order", () => {
  const payable = {
    orderNo: "E00010000000000001" as OrderNo,
    userId: 5 as UserId,
    runId: runId("G1", serviceDate("2026-12-01")),
    totalFen: fen(55_300),
    payBy: eve,
    subject: { zh: "G1 北京–上海", en: "G1 Beijing – Shanghai" },
  } as const;
  const told: ToldOrder = {
    orderNo: payable.orderNo,
    userId: payable.userId,
    isOfWaitlist: false,
    changeKind: "destination",
    totalFen: payable.totalFen,
    trips: [
      {
        runId: payable.runId,
        trainNumber: "G1",
        boardingDate: "2026-12-01",
        fromStationId: "BJN",
        fromName: "北京南",
        toStationId: "SHH",
        toName: "上海虹桥",
        departAt: "2026-12-01T08:00:00+08:00",
      },
    ],
    tickets: [{ ticketNo: "T1", line: 0, fareFen: payable.totalFen, feeFen: null, refundFen: null, coachNo: 5 }],
  };
  const client: OrderClient = {
    payable: async (userId, orderNo) =>
      orderNo === payable.orderNo && userId === payable.userId
        ? ok(payable)
        : refuse(refusal("OrderNotPayable", { state: "expired" })),
    fulfil: async ({ orderId }) => ok(orderNoOf(orderId)),
    reseat: async ({ orderId, ticketNos, seatClass }) =>
      ticketNos.length > 1 ? refuse(refusal("SoldOut", { seatClass })) : ok(orderNoOf(orderId)),
    studentTrips: async (userId, date) => ({
      perYear: 4,
      from: date,
      until: date,
      passengers: [{ passengerId: userId, left: 3 }],
    }),
    isLive: async (orderId) => orderId % 2 === 0,
    told: async (orderId) => (orderId % 2 === 0 ? { ...told, orderNo: orderNoOf(orderId) } : null),
    holdersOn: async (_, skipped) => (skipped ?? [9]).map((n) => n as OrderId),
  };
  const role = serve([answerCalls(orderClient, client, context)]);
  const remote = createRemoteClient(orderClient, {
    caller: callerOf([role.url], { role: "order" }),
    clock: { ...createManualClock(eve), soon: nextTurnSoon },
  });

  test("says what can be paid, or refuses in the same words", async () => {
    expect(await remote.payable(payable.userId, payable.orderNo)).toEqual(ok(payable));
    expect(await remote.payable(6 as UserId, payable.orderNo)).toEqual(
      refuse({ code: "OrderNotPayable", facts: { state: "expired" } }),
    );
  });
  test("says what owners may be told of orders, and who holds tickets for what does not run", async () => {
    const answers = await Promise.all([2, 3].map((n) => remote.told(n as OrderId)));
    expect(answers).toEqual([{ ...told, orderNo: orderNoOf(2 as OrderId) }, null]);
    expect((await remote.holdersOn(payable.runId, null)).map(Number)).toEqual([9]);
    expect((await remote.holdersOn(payable.runId, [1, 2])).map(Number)).toEqual([1, 2]);
  });
  test("says how many student trips are left", async () => {
    const date = serviceDate("2026-12-01");
    expect(await remote.studentTrips(5 as UserId, date)).toEqual(await client.studentTrips(5 as UserId, date));
  });
  test("is asked about many holds at once", async () => {
    role.asked.length = 0;
    const live = await Promise.all([2, 3, 4].map((orderId) => remote.isLive(orderId as OrderId)));
    expect(live).toEqual([true, false, true]);
    expect(role.asked.length).toBe(1);
  });
});

describe("questions gather", () => {
  /** What was asked in this one is sent by then. */
  async function nextTurn() {
    for (let n = 0; n < 2; n++) await new Promise((resolve) => setImmediate(resolve));
  }

  test("while two calls are under way, and go on in their order, none too long", async () => {
    const calls: number[][] = [];
    const gates: (() => void)[] = [];
    const ask = createGatherer<number, number>({
      soon: nextTurnSoon,
      sizeMax: 3,
      async send(items) {
        calls.push([...items]);
        await new Promise<void>((resolve) => gates.push(resolve));
        return items.map((item) => item * 2);
      },
    });
    const first = [1, 2, 3, 4].map(ask);
    await nextTurn();
    expect(calls).toEqual([[1, 2, 3], [4]]);
    const later = [5, 6, 7, 8, 9].map(ask);
    await nextTurn();
    expect(calls.length).toBe(2);
    while (gates.length > 0) {
      gates.shift()!();
      await nextTurn();
    }
    expect(calls.slice(2)).toEqual([
      [5, 6, 7],
      [8, 9],
    ]);
    expect(await Promise.all([...first, ...later])).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18]);
  });
  test("and fail together, those of one call, while the next one is made", async () => {
    let calls = 0;
    const ask = createGatherer<number, number>({
      soon: nextTurnSoon,
      sizeMax: 2,
      async send(items) {
        if (++calls === 1) throw new Error("no");
        return items;
      },
    });
    const results = await Promise.allSettled([1, 2, 3].map(ask));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(await ask(4)).toBe(4);
  });
});
