/** The queue room: lots and places of people, their turn and their pass, and what a failover or a restart must not take from them. */
import { expect, test } from "bun:test";
import {
  type AnnouncedQueue,
  type KnownPassenger,
  type QueuePlace,
  type QueueStatus,
  type QueueTurn,
  type Reply,
  runId,
  type Timetable,
} from "@chepiao/contracts";
import { epochMs, minuteMs, parseZone, secondMs, serviceDate } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryQueueCounters, type QueueCounters } from "@chepiao/ports/queue-counters";
import { createMemoryQueueStore } from "@chepiao/ports/queue-store";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createQueuePasses } from "@chepiao/room";
import { createQueue, verifyDraw } from "./index.ts";

const opensAt = epochMs(1_800_000_000_000);
const announced: AnnouncedQueue = {
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
  seed: "5eed".repeat(16),
};

type World = Awaited<ReturnType<typeof createWorld>>;

async function createWorld() {
  const clock = createManualClock(epochMs(opensAt - 10 * minuteMs));
  const store = createMemoryQueueStore();
  const vault = createMemoryVault();
  await store.announce(announced, clock.now());
  const reports: string[] = [];
  let counters: QueueCounters = createMemoryQueueCounters();
  /** Two accounts of the same person: 1 and 101. */
  const passengers = (userId: number) =>
    [{ self: true, proof: "proved", documentHash: `document${userId % 100}` }] as KnownPassenger[];
  const start = async () => {
    let kept = await store.all();
    const reload = async () => {
      kept = await store.all();
    };
    const room = createQueue({
      clock,
      vault,
      timetable: () => ({ zone: parseZone("Asia/Shanghai")!, run: () => null }) as unknown as Timetable,
      users: { passengers },
      inventory: { available: async () => [] },
      queues: { all: () => kept, gateOf: () => null },
      store,
      counters,
      limiter: createMemoryRateLimiter(clock),
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
    reports,
    vault,
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
    },
    async failover() {
      const lost = createMemoryQueueCounters();
      Object.assign(counters, lost);
    },
  };
}

/** Past the opening: closed, its root published, drawn, and the first are called. */
async function open({ clock, pass }: World) {
  await clock.advance(opensAt - clock.now());
  for (let times = 0; times < 4; times++) {
    await pass();
    await clock.advance(secondMs);
  }
}

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
  expect(after).toMatchObject({ phase: "open", lots: 4, seed: announced.seed, seedHash: before.seedHash });
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

test("the root of the lots is published before the seed", async () => {
  const world = await createWorld();
  await world.join(1);
  await world.clock.advance(opensAt - world.clock.now());
  await world.pass();
  expect(await world.status()).toMatchObject({ phase: "drawing", root: expect.any(String), seed: null });
  await world.clock.advance(secondMs);
  await world.pass();
  expect(await world.status()).toMatchObject({ phase: "open", seed: announced.seed });
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
