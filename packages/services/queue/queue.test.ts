/** The queue room: lots and places of people, their turn and their pass, and what a failover or a restart must not take from them. */
import { expect, test } from "bun:test";
import {
  type AnnouncedQueue,
  type KnownPassenger,
  type Policy,
  type QueuePlace,
  queueRulesDefault,
  type QueueStatus,
  type QueueTurn,
  type Reply,
  runId,
  type Timetable,
} from "@chepiao/contracts";
import {
  epochMs,
  minuteMs,
  parseZone,
  queueAnnouncedFreshMs,
  queueHeartbeatMs,
  queueLostGraceMs,
  queueRootShownMs,
  secondMs,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryPurchaseLoad } from "@chepiao/ports/purchase-load";
import { createMemoryQueueCounters, type QueueCounters } from "@chepiao/ports/queue-counters";
import { createMemoryQueueStore } from "@chepiao/ports/queue-store";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createQueuePasses } from "@chepiao/room";
import { commitmentOf, createQueue, seedsBy, verifyDraw } from "./index.ts";
import { createTakenLots } from "./takenLots.ts";

const seed = seedsBy(createMemoryVault())("testqueue");
const opensAt = epochMs(1_800_000_000_000);
const announced: AnnouncedQueue = {
  kind: "announced",
  queueId: "testqueue",
  scope: runId("G1", serviceDate("2027-01-20")),
  collectsFrom: epochMs(opensAt - 30 * minuteMs),
  opensAt,
  endsAt: epochMs(opensAt + 60 * minuteMs),
  endedAt: null,
  perMinute: 60,
  activeMax: 2,
  keepMs: 5 * minuteMs,
  stayMs: 10 * minuteMs,
  seedHash: commitmentOf(seed),
  chanceFrom: null,
};

type World = Awaited<ReturnType<typeof createWorld>>;

type Saved = Partial<KnownPassenger>;
/** Two accounts of the same person: 1 and 101. */
const provedBy = (userId: number): Saved => ({ proof: "proved", documentHash: `document${userId % 100}` });
type WorldOptions = {
  readonly self?: (userId: number) => Saved;
  readonly more?: Partial<AnnouncedQueue>;
  readonly rules?: Policy["queue"];
  /** False where counters lie in Redis. */
  readonly keepsLots?: boolean;
};

async function createWorld({ self = provedBy, more = {}, rules, keepsLots = true }: WorldOptions = {}) {
  const manual = createManualClock(epochMs(opensAt - 10 * minuteMs));
  let pauses = 0;
  const clock: typeof manual = {
    ...manual,
    after(delayMs, call) {
      if (delayMs === 0) pauses++;
      return manual.after(delayMs, call);
    },
  };
  const store = createMemoryQueueStore();
  const load = createMemoryPurchaseLoad();
  const vault = createMemoryVault();
  await store.announce({ ...announced, ...more }, clock.now());
  const reports: string[] = [];
  let counters: QueueCounters = createMemoryQueueCounters();
  const passengers = (userId: number) => [{ self: true, ...self(userId) }] as KnownPassenger[];
  const start = async () => {
    let kept = await store.all();
    const reload = async () => {
      kept = await store.all();
    };
    const room = createQueue({
      clock,
      vault,
      timetable: () =>
        ({
          zone: parseZone("Asia/Shanghai")!,
          policy: { policy: { queue: rules } },
          run: () => null,
        }) as unknown as Timetable,
      users: { passengers },
      inventory: { available: async () => [] },
      queues: { all: () => kept, gateOf: () => null },
      store,
      counters,
      limiter: createMemoryRateLimiter(clock),
      load,
      random: createSeededRandom(1),
      log: () => {},
      keepsLots,
      report: (message) => reports.push(message),
    });
    return { reload, room };
  };
  let process = await start();

  const pass = async () => {
    await settled(process.room.keeper.pass());
    await process.reload();
  };
  /** The draw makes pauses. */
  async function settled(what: Promise<unknown>) {
    let isDone = false;
    const done = what.finally(() => (isDone = true));
    while (!isDone) await clock.advance(0);
    await done;
  }
  type Answer = { readonly ok: boolean; readonly value?: Reply; readonly error?: { readonly code: string } };
  async function ask<T>(name: "join" | "heartbeat" | "leave" | "status" | "draw", call: object): Promise<T> {
    const handler = process.room.handlers[name] as unknown as (call: object) => Promise<Answer>;
    const answer = await handler(call);
    if (!answer.ok) return answer.error as T;
    const body = answer.value!.body;
    return (typeof body === "string" ? JSON.parse(body) : body) as T;
  }
  let looks = 0;
  return {
    clock,
    store,
    load,
    reports,
    vault,
    counters: () => counters,
    /** How often who draws has let others go on. */
    pauses: () => pauses,
    pass,
    join: (userId: number, place?: string) =>
      ask<QueuePlace>("join", {
        session: { userId },
        body: { queue: announced.queueId, ...(place === undefined ? {} : { place }) },
      }),
    heartbeat: (userId: number, place: string) => ask<QueueTurn>("heartbeat", { session: { userId }, body: { place } }),
    leave: (userId: number, place: string) => ask("leave", { session: { userId }, body: { place } }),
    status: () =>
      ask<QueueStatus>("status", { query: { queue: announced.queueId }, request: { url: `/look/${looks++}` } }),
    draw: () => ask<Parameters<typeof verifyDraw>[0][number]>("draw", { query: { queue: announced.queueId } }),
    /** All that is in memory is gone; what counters keep, too, where they are in memory. */
    async restart(isCounterLost: boolean) {
      if (isCounterLost) counters = createMemoryQueueCounters();
      process = await start();
      await settled(process.room.keeper.reload());
      await process.reload();
    },
    async failover() {
      Object.assign(counters, createMemoryQueueCounters());
    },
  };
}

async function seconds({ clock, pass }: World, count: number) {
  for (let second = 0; second < count; second++) {
    await pass();
    await clock.advance(secondMs);
  }
}

/** Past the opening: closed, its root published, drawn, and the first are called. */
async function open(world: World) {
  await world.clock.advance(Math.max(0, opensAt - world.clock.now()));
  await seconds(world, 2 + queueRootShownMs / secondMs);
}

const placesOf = async (world: World, userIds: readonly number[]) => {
  const places = [];
  for (const userId of userIds) places.push((await world.join(userId)).position);
  return places;
};
const inOrder = async (world: World, userIds: readonly number[]) =>
  (await placesOf(world, userIds)).toSorted((one, other) => one! - other!);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

test("who comes before the opening has a lot, one a person, and learns the place from the draw, which can be checked", async () => {
  const world = await createWorld();
  const early = [];
  for (const userId of [1, 2, 3, 4]) early.push(await world.join(userId));
  expect(early.map(({ position }) => position)).toEqual([null, null, null, null]);
  expect(await world.join(101)).toMatchObject({ code: "QueueLotTaken" });
  expect(await world.join(1)).toEqual(early[0]!);
  expect(await world.draw()).toMatchObject({ code: "QueueNotDrawn" });
  const before = await world.status();
  expect(before).toMatchObject({ phase: "collecting", lots: 4, root: null, seed: null });
  await open(world);
  const after = await world.status();
  expect(after).toMatchObject({ phase: "open", lots: 4, seed, seedHash: before.seedHash });
  const draw = await world.draw();
  expect(draw.root).toBe(after.root!);
  const checked = await verifyDraw([draw], async () => {});
  expect(checked.ok && checked.value.length).toBe(4);
  for (const { lot, place } of early) {
    const userId = Number(place.split(".")[1]);
    expect((await world.join(userId)).position).toBe(draw.lots.indexOf(lot) + 1);
  }
  expect((await world.join(5)).position).toBe(5);
  expect(world.reports).toEqual([]);
});

test("the root of the lots is public for longer than a copy of it is old, before the seed is", async () => {
  const world = await createWorld();
  await world.join(1);
  await world.clock.advance(opensAt - world.clock.now());
  await world.pass();
  const { root, seed: hidden } = await world.status();
  expect([root, hidden]).toEqual([expect.any(String), null]);
  await world.clock.advance(queueRootShownMs - 1);
  await world.pass();
  expect(await world.status()).toMatchObject({ phase: "drawing", root, seed: null });
  await world.clock.advance(1);
  await world.pass();
  expect(await world.status()).toMatchObject({ phase: "open", root, seed });
  expect(queueRootShownMs).toBeGreaterThan(queueAnnouncedFreshMs + secondMs);
});

test("where a chance is announced nothing is drawn without it, it is told after the root, and the draw follows from it", async () => {
  const world = await createWorld({ more: { chanceFrom: "the winning numbers" } });
  for (const userId of upTo(5)) await world.join(userId);
  expect(await world.store.noteChance("testqueue", "1 2 3")).toBe(false);
  await open(world);
  await seconds(world, 30);
  expect(await world.status()).toMatchObject({ phase: "drawing", chanceFrom: "the winning numbers", chance: null });
  expect(await world.store.noteChance("testqueue", "4 5 6")).toBe(true);
  await seconds(world, 2);
  const draw = await world.draw();
  expect(draw).toMatchObject({ chanceFrom: "the winning numbers", chance: "4 5 6", entrants: 5 });
  expect((await verifyDraw([draw], async () => {})).ok).toBe(true);
  expect((await verifyDraw([{ ...draw, chance: "1 2 3" }], async () => {})).ok).toBe(false);
});

test("a secret that was replaced since the announcement draws nothing, and is reported", async () => {
  const world = await createWorld({ more: { seedHash: "0".repeat(64) } });
  await open(world);
  expect((await world.status()).phase).toBe("drawing");
  expect(world.reports.length).toBeGreaterThan(0);
});

test("who comes between the opening and the draw is behind all lots, and has no lot", async () => {
  const world = await createWorld();
  for (const userId of upTo(3)) await world.join(userId);
  await world.clock.advance(opensAt - world.clock.now());
  const [fourth, fifth] = [await world.join(4), await world.join(5)];
  expect([fourth.position, fifth.position]).toEqual([null, null]);
  expect(await world.heartbeat(4, fourth.place)).toMatchObject({ turn: "waits", pass: null });
  await open(world);
  expect((await world.draw()).lots).not.toContain(fourth.lot);
  expect(await inOrder(world, upTo(3))).toEqual([1, 2, 3]);
  expect(await placesOf(world, [4, 5, 6])).toEqual([4, 5, 6]);
  expect((await world.heartbeat(5, fifth.place)).position).toBe(5);
});

test("people are called in turn, by rate and room, and only who was called gets a pass, for the own account alone", async () => {
  const world = await createWorld();
  await open(world);
  const places = [];
  for (const userId of [1, 2, 3, 4]) places.push((await world.join(userId)).place);
  expect(await world.heartbeat(1, places[0]!)).toMatchObject({ turn: "waits", pass: null });
  for (let second = 0; second < 3; second++) {
    await world.pass();
    await world.clock.advance(secondMs);
  }
  const first = await world.heartbeat(1, places[0]!);
  expect(first).toMatchObject({ turn: "inside", position: 1 });
  expect((await world.heartbeat(2, places[1]!)).turn).toBe("inside");
  // Two are inside, and no more: however long it takes.
  await world.pass();
  expect((await world.heartbeat(3, places[2]!)).turn).toBe("waits");
  const passes = createQueuePasses(world.vault);
  const { queueId } = announced;
  const now = world.clock.now();
  expect(passes.admits(first.pass, { queueId, userId: 1 }, now)).toBe(true);
  expect(passes.admits(`x, ${first.pass}`, { queueId, userId: 1 }, now)).toBe(true);
  expect(passes.admits(first.pass, { queueId, userId: 2 }, now)).toBe(false);
  expect(passes.admits(first.pass, { queueId: "anotherqueue", userId: 1 }, now)).toBe(false);
  expect(passes.admits(first.pass, { queueId, userId: 1 }, epochMs(now + 10 * minuteMs))).toBe(false);
  expect(passes.admits(`${first.pass}0`, { queueId, userId: 1 }, now)).toBe(false);
  expect(await world.heartbeat(2, places[0]!)).toMatchObject({ code: "QueuePlaceInvalid" });
  await world.leave(1, places[0]!);
  await world.pass();
  await world.clock.advance(secondMs);
  expect((await world.heartbeat(3, places[2]!)).turn).toBe("inside");
});

test("a place that somebody made up or changed is none", async () => {
  const world = await createWorld();
  await open(world);
  const { place } = await world.join(1);
  const parts = place.split(".");
  const wrong = [
    "",
    "....",
    place.replace(/\.1\.([0-9a-f]{64})$/, ".0.$1"),
    place.slice(0, -1),
    ["other", ...parts.slice(1)].join("."),
    [parts[0], "2", ...parts.slice(2)].join("."),
  ];
  for (const text of wrong) {
    expect(await world.heartbeat(1, text)).toMatchObject({ code: "QueuePlaceInvalid" });
    expect(await world.heartbeat(2, text)).toMatchObject({ code: "QueuePlaceInvalid" });
  }
  // Of no account that has it: joining with it is joining without.
  expect((await world.join(2, place)).position).toBe(2);
});

test("counters that a failover lost make no place grow, and take none away", async () => {
  const world = await createWorld();
  for (const userId of [1, 2, 3]) await world.join(userId);
  await open(world);
  const drawn = await Promise.all([1, 2, 3].map((userId) => world.join(userId)));
  const late = await world.join(4);
  for (let second = 0; second < 2; second++) {
    await world.pass();
    await world.clock.advance(secondMs);
  }
  const before = await world.status();
  expect(before.served).toBeGreaterThan(0);
  await world.failover();
  await world.clock.advance(secondMs);
  expect((await world.status()).served).toBe(before.served);
  await world.pass();
  await world.clock.advance(secondMs);
  const after = await world.status();
  expect([after.taken >= before.taken, after.served >= before.served]).toEqual([true, true]);
  expect((await world.join(4, late.place)).position).toBe(late.position);
  expect((await world.join(5)).position).toBeGreaterThan(late.position!);
  for (const [n, { position }] of drawn.entries()) expect((await world.join(n + 1)).position).toBe(position);
});

test("a restart of the process that had all in memory takes nobody's place", async () => {
  const world = await createWorld();
  await world.join(1);
  await open(world);
  const places = [await world.join(1), await world.join(2), await world.join(3)];
  await world.pass();
  const before = await world.status();
  await world.restart(true);
  await world.pass();
  await world.clock.advance(secondMs);
  const after = await world.status();
  expect([after.served >= before.served, after.taken >= before.taken]).toEqual([true, true]);
  for (const [n, { place, position }] of places.entries())
    expect((await world.join(n + 1, place)).position).toBe(position);
});

test("it ends by itself once nobody waits, and at the time that was announced", async () => {
  const world = await createWorld();
  await open(world);
  await world.join(1);
  await world.clock.advance(4 * minuteMs);
  await world.pass();
  expect((await world.status()).phase).toBe("open");
  await world.clock.advance(2 * minuteMs);
  await world.pass();
  await world.pass();
  expect((await world.status()).phase).toBe("ended");
  expect(await world.join(2)).toMatchObject({ code: "QueueUnknown" });
});

test("a restart before or across the opening loses no lot, and the draw is still one by lot", async () => {
  for (const when of ["before", "across"] as const) {
    const world = await createWorld();
    for (const userId of upTo(6)) await world.join(userId);
    if (when === "across") await world.clock.advance(opensAt + secondMs - world.clock.now());
    await world.restart(true);
    await world.join(7);
    await open(world);
    const draw = await world.draw();
    expect(draw.entrants).toBe(when === "across" ? 6 : 7);
    expect(await inOrder(world, upTo(7))).toEqual(upTo(7));
    expect(world.reports).toEqual([]);
  }
});

test("with its root published a list is drawn as it is, whatever becomes of the counters", async () => {
  for (const lose of ["restart", "failover"] as const) {
    const world = await createWorld({ keepsLots: false });
    const places = [];
    for (const userId of upTo(6)) places.push((await world.join(userId)).place);
    await world.clock.advance(opensAt - world.clock.now());
    await world.pass();
    const { root } = await world.status();
    await (lose === "restart" ? world.restart(true) : world.failover());
    await world.join(7);
    await seconds(world, 2 + queueRootShownMs / secondMs);
    const draw = await world.draw();
    expect(draw).toMatchObject({ root, entrants: 6 });
    expect((await verifyDraw([draw], async () => {})).ok).toBe(true);
    for (const [n, place] of places.entries())
      expect((await world.join(n + 1, place)).position).toBe(
        draw.lots.indexOf((await world.join(n + 1, place)).lot) + 1,
      );
    expect((await world.join(7)).position).toBe(7);
  }
});

test("lots that a failover lost are taken again from who shows them, for longer than a page waits, and then it goes on", async () => {
  const world = await createWorld({ keepsLots: false });
  const places = [];
  for (const userId of upTo(4)) places.push((await world.join(userId)).place);
  await seconds(world, 1);
  await world.clock.advance(opensAt - secondMs - world.clock.now());
  await world.failover();
  await seconds(world, 2);
  // After the opening, and before the lots are closed: those who show a lot have one, a stranger has not.
  expect((await world.status()).root).toBeNull();
  const stranger = await world.join(9);
  await seconds(world, queueHeartbeatMs / secondMs);
  for (const n of [0, 1, 2]) await world.join(n + 1, places[n]);
  await seconds(world, 5);
  expect((await world.status()).root).toBeNull();
  await seconds(world, queueLostGraceMs / secondMs);
  const draw = await world.draw();
  expect(draw.entrants).toBe(3);
  expect(draw.lots).not.toContain(stranger.lot);
  expect(world.reports).toEqual([expect.stringContaining("1 are lost")]);
  expect((await world.join(9)).position).toBe(4);
  expect((await world.join(4, places[3])).position).toBe(5);
});

test("once all lost lots are shown again nobody waits longer", async () => {
  const world = await createWorld({ keepsLots: false });
  const places = [];
  for (const userId of upTo(3)) places.push((await world.join(userId)).place);
  await seconds(world, 1);
  await world.clock.advance(opensAt - secondMs - world.clock.now());
  await world.failover();
  await seconds(world, 3);
  for (const [n, place] of places.entries()) await world.join(n + 1, place);
  await seconds(world, 1);
  expect((await world.status()).root).not.toBeNull();
});

test("an account keeps its first lot, whoever it says it is later", async () => {
  let isAnother = false;
  const world = await createWorld({
    self: (userId) => ({ proof: "proved", documentHash: isAnother ? "another" : `document${userId}` }),
  });
  const first = await world.join(1);
  isAnother = true;
  expect(await world.join(1)).toEqual(first);
  await world.restart(true);
  expect(await world.join(1)).toEqual(first);
  await world.restart(true);
  expect(await world.join(1, first.place)).toEqual(first);
  expect((await world.status()).lots).toBe(1);
});

test("who proves a document after joining keeps the lot, and the place among those who had proved none", async () => {
  const proved = new Set<number>();
  const world = await createWorld({
    self: (userId) => ({ ...provedBy(userId), proof: userId < 200 || proved.has(userId) ? "proved" : "unproved" }),
  });
  const [first, second] = [await world.join(201), await world.join(202)];
  proved.add(201);
  expect(await world.join(201)).toEqual(first);
  for (const userId of [3, 4]) await world.join(userId);
  await world.restart(true);
  expect(await world.join(201, first.place)).toEqual(first);
  await open(world);
  const places = await placesOf(world, [201, 202]);
  expect(new Set(places)).toEqual(new Set([3, 4]));
  // And later: what was drawn stays.
  proved.add(202);
  expect(await placesOf(world, [201, 202])).toEqual(places);
  expect((await world.join(202, second.place)).position).toBe(places[1]!);
  // Whom it is proved to be has a lot beside it.
  expect((await world.join(1)).position).toBe(5);
});

test("who names a document that he has not proved locks nobody out, and is behind all that are proved", async () => {
  const world = await createWorld({
    self: (userId) =>
      userId >= 200
        ? { proof: "unproved", documentHash: "document1" }
        : userId >= 100
          ? { proof: "proved", unasked: "yet", documentHash: `document${userId}` }
          : provedBy(userId),
  });
  expect((await world.join(200)).position).toBeNull();
  // One of them may be its owner, whom the register does not cover.
  for (const userId of [201, 202, 203, 100]) expect((await world.join(userId)).position).toBeNull();
  // Whose document it is has a lot of his own.
  for (const userId of upTo(5)) expect((await world.join(userId)).position).toBeNull();
  await open(world);
  expect(await inOrder(world, upTo(5))).toEqual(upTo(5));
  expect(await inOrder(world, [100, 200, 201, 202, 203])).toEqual([6, 7, 8, 9, 10]);
});

test("from the root to the draw who asks for his lot again costs no write", async () => {
  const world = await createWorld();
  let writes = 0;
  const { putTaken } = world.store;
  world.store.putTaken = async (...asked) => {
    writes++;
    await putTaken(...asked);
  };
  const { lot } = await world.join(1);
  expect(writes).toBe(1);
  await world.clock.advance(opensAt - world.clock.now());
  for (const what of ["root", "another look"]) {
    await world.pass();
    expect([what, (await world.status()).phase]).toEqual([what, "drawing"]);
    expect((await world.join(1)).lot).toBe(lot);
  }
  expect(writes).toBe(1);
  await open(world);
  expect((await world.draw()).lots).toEqual([lot]);
});

test("who collects the lots of an opening lets others go on between some and the next", async () => {
  const world = await createWorld();
  const counters = world.counters();
  await counters.take(
    announced.queueId,
    upTo(3_000).map((n) => ({ lot: commitmentOf(String(n)), userId: n as UserId })),
  );
  const { collected } = counters;
  const seenAt: number[] = [];
  counters.collected = async function* (queueId) {
    for await (const some of collected(queueId)) {
      seenAt.push(world.pauses());
      yield some;
    }
  };
  await world.clock.advance(opensAt - world.clock.now());
  await world.pass();
  expect(await world.status()).toMatchObject({ phase: "drawing", lots: 3_000 });
  expect(seenAt.length).toBe(3);
  expect(new Set(seenAt).size).toBe(3);
});

/** Collects without the lots at these places of the list, as where another node takes over meanwhile, and then as it is. */
function collectWithout(world: World, places: readonly number[], meanwhile: () => Promise<void> = async () => {}) {
  const counters = world.counters();
  const { collected } = counters;
  counters.collected = async function* (queueId) {
    counters.collected = collected;
    for await (const some of collected(queueId)) yield some.filter((_, n) => !places.includes(n));
    await meanwhile();
  };
}

test("lots that are passed over while they are collected are collected again before a root is published", async () => {
  const world = await createWorld({ keepsLots: false });
  for (const userId of upTo(6)) await world.join(userId);
  collectWithout(world, [1, 4]);
  await world.clock.advance(opensAt - world.clock.now());
  await world.pass();
  expect(await world.status()).toMatchObject({ phase: "drawing", root: null });
  await world.clock.advance(secondMs);
  await open(world);
  expect((await world.draw()).entrants).toBe(6);
  expect(world.reports).toEqual([]);
});

test("lots that were found before a failover lost them are drawn, with those that are shown after it", async () => {
  const world = await createWorld({ keepsLots: false });
  const places = [];
  for (const userId of upTo(4)) places.push((await world.join(userId)).place);
  await world.pass();
  await world.clock.advance(opensAt - world.clock.now());
  collectWithout(world, [0], () => world.failover());
  await world.pass();
  expect((await world.status()).root).toBeNull();
  expect((await world.join(1, places[0])).position).toBeNull();
  await seconds(world, 2 + queueLostGraceMs / secondMs);
  await open(world);
  expect((await world.draw()).entrants).toBe(4);
});

const byLoad = {
  waiting: { on: 100, off: 20 },
  unwrittenSeconds: { on: 30, off: 5 },
  afterSeconds: 3,
  calmSeconds: 30,
  perMinute: 600,
  inside: 5,
  lastsMinutes: 30,
};
const rulesByLoad: NonNullable<Policy["queue"]> = { ...queueRulesDefault, load: byLoad };
const hotRun = runId("G7", serviceDate("2027-01-20"));
const queuesByLoad = async ({ store }: World) => (await store.all()).filter(({ kind }) => kind === "load");

/** As long, with so many purchases that wait in the one process that sells. */
async function loaded(world: World, count: number, waiting: number) {
  for (let second = 0; second < count; second++) {
    await world.load.note("process", { waiting, unwrittenMs: 0, tries: { [hotRun]: 9 } }, world.clock.now());
    await world.pass();
    await world.clock.advance(secondMs);
  }
}

test("under load a queue is switched on for the run that is tried most, and off once it is calm and nobody waits", async () => {
  const world = await createWorld({ rules: rulesByLoad });
  await loaded(world, 3, 100);
  expect(await queuesByLoad(world)).toEqual([]);
  await loaded(world, 1, 100);
  const [queue] = await queuesByLoad(world);
  expect(queue).toMatchObject({ scope: hotRun, perMinute: 600, activeMax: 5, endedAt: null });
  // Those who sell have heard of it by then, and lots are taken for a moment: nobody wins by being the fastest.
  expect(queue!.collectsFrom - world.clock.now()).toBeGreaterThanOrEqual(queueAnnouncedFreshMs);
  expect(queue!.opensAt).toBeGreaterThan(queue!.collectsFrom);
  // It stays while there is load, and there is one.
  await loaded(world, 7 * 60, 100);
  expect((await queuesByLoad(world)).map(({ endedAt }) => endedAt)).toEqual([null]);
  await loaded(world, 20, 21);
  await loaded(world, 30, 20);
  expect((await queuesByLoad(world)).map(({ endedAt }) => endedAt)).toEqual([null]);
  await loaded(world, 2, 20);
  expect((await queuesByLoad(world))[0]!.endedAt).not.toBeNull();
});

test("what one queue was switched on for switches on no other while it is still being worked off", async () => {
  const world = await createWorld({ rules: rulesByLoad });
  const tries = { [hotRun]: 40, [runId("G8", serviceDate("2027-01-20"))]: 2 };
  for (let second = 0; second < 60; second++) {
    const unwrittenMs = (second < 8 ? 60 : Math.max(0, 68 - second)) * secondMs;
    await world.load.note("process", { waiting: 0, unwrittenMs, tries }, world.clock.now());
    await world.pass();
    await world.clock.advance(secondMs);
  }
  expect((await queuesByLoad(world)).map(({ scope }) => scope)).toEqual([hotRun]);
});

test("an operator's exemption keeps it off, and without rules nothing is switched on", async () => {
  const world = await createWorld({ rules: rulesByLoad });
  const now = world.clock.now();
  const exemption = {
    ...announced,
    kind: "exempt",
    queueId: "exemption",
    scope: hotRun,
    endsAt: epochMs(now + minuteMs),
  };
  await world.store.announce(exemption as AnnouncedQueue, now);
  await loaded(world, 50, 100);
  expect(await queuesByLoad(world)).toEqual([]);
  await loaded(world, 20, 100);
  expect((await queuesByLoad(world)).length).toBe(1);
  const without = await createWorld();
  await loaded(without, 20, 100);
  expect(await queuesByLoad(without)).toEqual([]);
});

test("where nobody knows how busy it is nothing is switched, and it is told", async () => {
  const world = await createWorld({ rules: rulesByLoad });
  world.load.recent = () => Promise.reject(new Error("away"));
  await loaded(world, 5, 100);
  expect(await queuesByLoad(world)).toEqual([]);
  expect(world.reports.length).toBe(5);
});

test("where nobody is ever asked for a proof an account is a person", async () => {
  const world = await createWorld({
    self: () => ({ proof: "proved", unasked: "never", documentHash: "the same of all" }),
  });
  for (const userId of upTo(4)) expect((await world.join(userId)).position).toBeNull();
  await open(world);
  expect(await inOrder(world, upTo(4))).toEqual(upTo(4));
});

test("lots that come at once are written together, and one that is asked for again is not", async () => {
  const written: number[] = [];
  const lots = createTakenLots({
    async putTaken(_, some) {
      written.push(some.length);
      if (written.length === 2) throw new Error("the disk is full");
    },
  });
  const put = (lot: string) => lots.put("testqueue", { lot, userId: 1 as UserId });
  await Promise.all(["a", "b", "c"].map(put));
  await put("b");
  expect(written).toEqual([3]);
  expect((await Promise.allSettled(["d", "e"].map(put))).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await put("d");
  expect(written).toEqual([3, 2, 1]);
});
