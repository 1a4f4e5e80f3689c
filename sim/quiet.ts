/** Quiet moments: everything is healed, everybody is at work again, and time passes until nothing is under way any more. */
import { drainMicrotasks } from "bun:jsc";
import type { AnnouncedQueue } from "@chepiao/contracts";
import { createSeatRepairer, repairKeys, repairLimits } from "@chepiao/services/order";
import { secondMs } from "@chepiao/kernel";
import { settled } from "./core/settled.ts";
import type { Weather } from "./core/reach.ts";
import type { Redis } from "./engines/redis/redis.ts";
import { firstDay } from "./railway.ts";
import type { World } from "./world.ts";
import { repairLines } from "@chepiao/services/waitlist";
import {
  type HoldName,
  type Need,
  type Run,
  type RunId,
  seatsOf,
  type Timetable,
  trainAndDateOf,
} from "@chepiao/contracts";
import { createQuotaKeeper, createWithdrawnKeeper } from "@chepiao/services/inventory";
import { runsOf } from "./audit/quotas.ts";

export function heal(world: World) {
  const { sql, cluster, embedded, bank, mails, net, machines } = world;
  const engines = [
    sql.engine,
    bank.engine,
    mails.engine,
    ...(cluster ? [cluster.redis.engine, cluster.log.engine, cluster.delay.engine] : []),
    ...(embedded ? [embedded.diskEngine] : []),
  ];
  for (const engine of engines) {
    calm(engine.weather);
    engine.set("there");
  }
  calm(net.weather);
  const others = [
    sql.weather,
    bank.weather,
    mails.weather,
    ...(cluster ? [cluster.log.weather, cluster.delay.weather] : []),
  ];
  for (const weather of others as Record<string, number>[]) for (const name of Object.keys(weather)) weather[name] = 0;
  embedded?.disk.fail("append", null);
  embedded?.disk.fail("sync", null);
  net.heal();
  for (const machine of machines) {
    machine.offMs = 0;
    if (!machine.life?.isAlive()) world.start(machine);
  }
}

function calm(weather: Weather) {
  weather.lostRequests = 0;
  weather.lostAnswers = 0;
  weather.slow = 0;
}

const restMsMax = 30 * 60 * secondMs;
const pollEveryUs = secondMs * 1_000;

/** Runs until nothing is under way; says what still is, where that takes too long. */
export function rest(world: World, isBusy: () => boolean): string[] {
  const until = world.scheduler.now() + restMsMax * 1_000;
  let calmPolls = 0;
  let polls = 0;
  for (;;) {
    world.scheduler.run(pollEveryUs);
    // Too short for anybody to lose what is leased.
    if (++polls > 10) world.scheduler.leap(3 * pollEveryUs);
    const left = isBusy() ? ["people"] : underWay(world);
    calmPolls = left.length === 0 ? calmPolls + 1 : 0;
    if (calmPolls >= 2) return [];
    if (world.scheduler.now() > until) return [`I4: the world does not come to rest: ${left.join(", ")}`];
  }
}

function underWay({ sql, cluster, embedded, bank, machines }: World): string[] {
  const left: string[] = [];
  const messages = settled(sql.within.outbox.backlog()).count;
  if (messages > 0) left.push(`${messages} messages in the outbox`);
  const behind = cluster?.log.broker.behind() ?? embedded!.lag();
  if (behind > 0) left.push(`${behind} records to be handled (${cluster?.log.broker.describe()})`);
  if (sql.binlog.behind() > 0) left.push(`${sql.binlog.behind()} changes that read models lack`);
  if (cluster && cluster.log.underWay() > 0) left.push("appends");
  if (bank.untold() > 0) left.push(`${bank.untold()} notices`);
  const refunds = settled(sql.within.payments.refundBacklog()).count;
  if (refunds > 0) left.push(`${refunds} refunds`);
  for (const { name, process } of machines) if (!process) left.push(`${name} is not there`);
  return left;
}

/** Long stretches are slept through; in between everybody has time to look around. */
export function pass(world: World, ms: number, awakeMs: number) {
  world.scheduler.leap(ms * 1_000);
  world.scheduler.run(awakeMs * 1_000);
}

/** A few passes of who draws. */
const drawnWithinMs = 10 * secondMs;

/** A queue whose opening everybody sleeps through is never drawn. */
export function awaitOpenings({ scheduler, now }: World, queues: readonly AnnouncedQueue[]) {
  for (const { opensAt } of queues) scheduler.run(Math.max(0, opensAt + drawnWithinMs - now()) * 1_000);
}

/** A lease's time, and a few looks. */
const followedWithinS = 60;
/** The same, once everybody has the timetable. */
const openedWithinS = 90;

/** Runs until what an operator has changed of quotas, and which coaches he has withdrawn, is set where seats are sold; says what is not. */
export function follow(world: World, timetable: Timetable): string[] {
  for (let seconds = 0; ; seconds++) {
    const missing = [...notSet(world, timetable), ...notWithdrawn(world, timetable), ...notOpened(world, timetable)];
    if (missing.length === 0 || seconds === followedWithinS) return missing;
    world.scheduler.run(pollEveryUs);
  }
}

/** Runs until what was added may be bought, at whomever one asks; says what may not. */
export function opened(world: World, timetable: Timetable): string[] {
  for (let seconds = 0; ; seconds++) {
    const isClosed = settled(world.sql.within.timetable.load(firstDay))?.added !== undefined;
    const shut = isClosed ? [...world.sql.added.runIds()] : closedIn(world, timetable);
    if (shut.length === 0) return [];
    if (seconds === openedWithinS) return shut.map((runId) => `I5: ${runId} was added, and is never sold`);
    world.scheduler.run(pollEveryUs);
  }
}

/** Where some process that sells says so. */
function closedIn({ machines, sql, scheduler, now }: World, timetable: Timetable): RunId[] {
  const runs = sql.added.runIds().flatMap((runId) => timetable.run(...trainAndDateOf(runId)) ?? []);
  const toCome = runs.filter(({ dayStart }) => dayStart > now());
  const closed = new Set<RunId>();
  let asked = 0;
  for (const { process } of machines.filter(({ role }) => role === "inventory" || role === "all"))
    for (const run of toCome) {
      asked++;
      const leg = { run: { ...nameOf(run), trainVersionId: run.train.trainVersionId }, fromStop: 0, toStop: 1 };
      const told = (answer: string) => void (answer.includes("WaitlistFirst") && closed.add(run.runId));
      const asking = process?.answer("/internal/inventory/available", JSON.stringify({ legs: [leg] }));
      void Promise.resolve(asking ?? "WaitlistFirst")
        .then(told, () => told("WaitlistFirst"))
        .finally(() => asked--);
    }
  drainMicrotasks();
  while (asked > 0 && scheduler.step());
  return [...closed];
}

const nameOf = ({ train: { trainNumber }, originDate }: Run) => ({ trainNumber, originDate });

const notSet = (world: World, timetable: Timetable): string[] =>
  runsOf(world.book, timetable, world.now()).flatMap((run) =>
    [...seatsOf(run.train.composition).keys()]
      .filter((seatClass) => !world.seats().wasSet(run, seatClass, world.book.latest(run, seatClass)))
      .map((seatClass) => `I5: the quotas of ${run.runId}, ${seatClass}, were changed, and never set`),
  );

const notWithdrawn = (world: World, timetable: Timetable): string[] =>
  runsOf(world.withdrawn, timetable, world.now()).flatMap((run) =>
    [...seatsOf(run.train.composition).keys()]
      .filter((seatClass) => !world.seats().wasWithdrawn(run, seatClass, world.withdrawn.latest(run, seatClass)))
      .map((seatClass) => `I5: coaches of ${run.runId}, ${seatClass}, were withdrawn or reinstated, and never set so`),
  );

/** What an operator does after a failover: gives Redis back what it has lost, from the orders. */
/** Those that have not left. */
const notOpened = (world: World, timetable: Timetable): string[] =>
  world.withdrawn.closed().flatMap((runId) => {
    const run = timetable.run(...trainAndDateOf(runId));
    const isGone = !run || run.dayStart + run.train.stops.at(-2)!.departS * secondMs <= world.now();
    return isGone ? [] : [`I5: ${runId} was exchanged, and is closed to who waits and to everybody`];
  });

export function repairRedis(world: World, redis: Redis, timetable: Timetable): void {
  const life = world.stranger("operator");
  const { clock } = life;
  const { orders, waitlist, quotas: store, withdrawnCoaches } = world.sql.portsOf(life);
  const { seats, reservations, submissions } = redis.portsOf(life);
  const inventory = {
    holdsView: seats.holdsView!,
    confirm: seats.confirm,
    release: async (hold: HoldName, seatIndexes?: readonly number[]) =>
      void (await seats.release(hold, clock.now(), seatIndexes)),
  };
  const lines = {
    join: (needs: readonly Need[]) => seats.waitlists.join(needs, clock.now()),
    setLine: async (run: Run, needs: readonly Need[], upTo: number) =>
      void (await seats.waitlists.set(run, needs, upTo, clock.now())),
  };
  const repairer = createSeatRepairer({ clock, timetable: () => timetable, orders, inventory });
  const offers = {
    clock,
    timetable: () => timetable,
    seats,
    forgetsOffers: false,
    report(trouble: string) {
      throw new Error(trouble);
    },
  };
  const withdrawn = createWithdrawnKeeper({ ...offers, store: withdrawnCoaches });
  const quotas = createQuotaKeeper({ ...offers, store, exchanged: withdrawn.exchanged });
  let isDone = false;
  const all = async () => {
    await withdrawn.reload();
    for (const runId of [...(await world.sql.runsInLedger())].toSorted()) await repairer.repairRun(runId);
    const deps = { clock, store: orders, timetable: () => timetable, orders, reservations, submissions };
    await quotas.reload();
    const added = async () => new Set((await world.sql.within.timetable.load(firstDay))?.added);
    const needs = { store: waitlist, timetable: () => timetable, inventory: lines, added };
    for await (const _ of repairLines(needs, null)) void _;
    for await (const _ of repairLimits(deps)) void _;
    for await (const _ of repairKeys(deps)) void _;
  };
  all().then(
    () => (isDone = true),
    (error: unknown) => {
      throw error;
    },
  );
  while (!isDone && world.scheduler.step());
}
