/**
 * One seed from its beginning to its end: rounds in which people buy while things go wrong, each followed by a quiet moment in
 * which everything is healed and an auditor looks at what is left; at last all trains have arrived.
 */
import type { AnnouncedQueue, Timetable } from "@chepiao/contracts";
import { drainMicrotasks } from "bun:jsc";
import {
  addDays,
  assert,
  dayMs,
  epochMs,
  holdGraceMs,
  hourMs,
  minuteMs,
  secondMs,
  serviceDayStart,
} from "@chepiao/kernel";
import { type HoardingLimits, hoardingLimitsDefault, noHoardingLimits } from "@chepiao/ports/reservations";
import { createTimetableRoom } from "@chepiao/services/timetable";
import { createAuditor } from "./audit/auditor.ts";
import { type Chance, chanceOf, weighed } from "./core/chance.ts";
import type { Listener } from "./core/scheduler.ts";
import { settled } from "./core/settled.ts";
import { kindOf, mailTroubleStrikes } from "./faults/faults.ts";
import { accountOf, choosePreferences, openAccounts } from "./people/accounts.ts";
import { blockAccount } from "./people/blocker.ts";
import { importTimetable } from "./people/importer.ts";
import { cancelTrain } from "./people/canceller.ts";
import { openGates, standAtGates } from "./people/usher.ts";
import { exchangeSomeRun } from "./people/exchanger.ts";
import { withdrawnAtFirst, withdrawSomeCoach } from "./people/withdrawer.ts";
import { changeQuotas, quotasAtFirst } from "./people/operator.ts";
import { buyAndLeave } from "./people/leaver.ts";
import { live } from "./people/person.ts";
import { announceQueues, queueIdOf, tellChance } from "./people/queuer.ts";
import { createTold, type Told } from "./people/told.ts";
import {
  accountCount,
  daysInUse,
  hasGates,
  hasMails,
  hasQueues,
  hasQuotas,
  hasWithdrawals,
  judgedOver,
  leaverCount,
  type PlanOptions,
  queuesByLoad,
  type Round,
  roundOf,
  secondAccountCount,
  worldOf,
} from "./plan.ts";
import { awaitOpenings, follow, heal, opened, pass, rest, repairRedis } from "./quiet.ts";
import { firstDay, timetable as railway, zone } from "./railway.ts";
import { createWorld, type World } from "./world.ts";

export type RunOptions = PlanOptions & {
  /** How long the history is to be. It ends with a quiet moment, so a short one is longer than asked for. */
  readonly steps: number;
  /** No more rounds than that. */
  readonly rounds?: number | undefined;
  readonly listener?: Listener | null;
};

export type Outcome = {
  readonly seed: number;
  readonly steps: number;
  readonly hash: string;
  readonly violations: readonly string[];
  readonly known: readonly string[];
  readonly rounds: number;
  /** Of the first violation. */
  readonly failedInRound: number | null;
  readonly fired: ReadonlyMap<string, number>;
  /** What people did, and how it went. */
  readonly told: ReadonlyMap<string, number>;
  /** What processes reported. */
  readonly reports: ReadonlyMap<string, number>;
  readonly orders: ReadonlyMap<string, number>;
  /** Of the waitlist, by what became of them. */
  readonly entries: ReadonlyMap<string, number>;
};

/** What the last trains and the quiet moment of a round take, until it is known. */
const closingSteps = 5_500;
const quietStepsFirst = 9_500;
const leadsS = [15, 25, 35, 50, 120, 300, 600, 1_200];
/** To midnight. */
const nightMs = 32 * hourMs;
const leadOf = (seed: number, otherwise: number) => (chanceOf(seed, "midnight").chance(0.15) ? nightMs : otherwise);
/** A sweep, and whatever follows from it. */
const awakeMs = 12 * secondMs;

export function runSeed(options: RunOptions): Outcome {
  const { seed, steps } = options;
  const chance = chanceOf(seed, "run");
  const departure = serviceDayStart(firstDay, zone) + 8 * hourMs;
  const world = createWorld({
    seed,
    // A little before the latest time of decision that some choose who wait, or before a day ends: it comes while they buy, or in the quiet after it.
    beganAt: epochMs(
      departure - leadOf(seed, chance.pick([3 * hourMs, 30 * hourMs, 4 * dayMs])) - chance.pick(leadsS) * secondMs,
    ),
    paymentTimeoutMs: chance.pick([40 * secondMs, 90 * secondMs]),
    hoarding: hoardingOf(chanceOf(seed, "hoarding")),
    judgedOver: judgedOver(seed),
    byLoad: queuesByLoad(seed),
    hasMails: hasMails(seed),
    replicas:
      worldOf(options) === "embedded"
        ? null
        : { ...replicasOf(seed, chance), ...queueReplicasOf(seed), ...notificationReplicasOf(seed) },
    listener: options.listener ?? null,
  });
  settled(world.sql.within.timetable.replace(railway, { soldRuns: world.sql.within.orders.soldRuns }));
  settled(openAccounts(world, accountsOf(seed)));
  if (hasMails(seed)) settled(choosePreferences(world));
  if (hasQuotas(seed)) setFirstQuotas(world);
  if (hasWithdrawals(seed)) withdrawFirstCoaches(world);
  const { timetable, reload, hear } = settled(timetableOf(world));
  world.sql.added.know(timetable);
  if (hasGates(seed)) openGates(world, timetable);
  const told = createTold();
  const auditor = createAuditor(world, told, timetable);
  for (const machine of world.machines) world.start(machine);
  drainMicrotasks();

  let rounds = 0;
  let failedInRound: number | null = null;
  const { scheduler } = world;
  let longestQuiet = quietStepsFirst;
  while (rounds < (options.rounds ?? Infinity)) {
    const busyUntil = Math.max(0.3 * steps, steps - closingSteps - longestQuiet);
    if (rounds > 0 && scheduler.steps >= busyUntil) break;
    const round = roundOf(rounds, options);
    const queues = announceQueues(world, round.queues);
    const isBusy = beBusy(world, round, told, { timetable, hear, busyUntil, queues });
    const quietSince = scheduler.steps;
    const stuck = rest(world, isBusy);
    for (const each of stuck) told.wrong.push(each);
    awaitOpenings(world, queues);
    settled(reload());
    settled(hear());
    auditor.audit("rest");
    if (world.cluster && world.fired.has("redis: acknowledged writes forgotten"))
      repairRedis(world, world.cluster.redis, timetable);
    for (const each of [...follow(world, timetable), ...opened(world, timetable)]) told.wrong.push(each);
    pass(world, world.options.paymentTimeoutMs + holdGraceMs, awakeMs);
    pass(world, 4 * minuteMs, awakeMs);
    rest(world, () => false);
    settled(hear());
    auditor.audit("settled");
    if (auditor.violations.length > 0) failedInRound ??= rounds;
    longestQuiet = Math.max(rounds === 0 ? 0 : longestQuiet, scheduler.steps - quietSince);
    rounds++;
  }

  const arrived = serviceDayStart(addDays(firstDay, daysInUse + 6), zone);
  pass(world, arrived - world.now(), 70 * secondMs);
  for (const each of rest(world, () => false)) told.wrong.push(each);
  settled(hear());
  auditor.audit("over");
  if (auditor.violations.length > 0) failedInRound ??= rounds - 1;
  if (options.rounds === undefined) while (scheduler.steps < steps && scheduler.step());

  return {
    seed,
    steps: scheduler.steps,
    hash: scheduler.hash(),
    violations: auditor.violations,
    known: auditor.known,
    rounds,
    failedInRound,
    fired: world.fired,
    told: new Map([...told.counts, ["was mailed", world.mails.taken.length]]),
    reports: world.reports,
    orders: countBy(world.sql.within.orders.all().map(({ state }) => state)),
    entries: countBy(world.sql.within.waitlist.all().map(({ state }) => state)),
  };
}

/** People and faults of a round, until all have had their turn or time is short; then everything is healed. Says who is still at it. */
function beBusy(
  world: World,
  {
    people,
    faults,
    changes,
    imports,
    cancellations,
    withdrawals,
    exchanges,
    passages,
    blocks,
    queues: planned,
    mailTroubles,
    leavers,
    dates,
  }: Round,
  told: Told,
  {
    timetable,
    hear,
    busyUntil,
    queues,
  }: {
    readonly timetable: Timetable;
    /** Of what runs were exchanged for. */
    readonly hear: () => Promise<boolean>;
    readonly busyUntil: number;
    readonly queues: readonly AnnouncedQueue[];
  },
) {
  const { scheduler, seed } = world;
  let active = 0;
  let toCome = people.length;
  let isOver = false;
  for (const { id, account, atMs, trips } of people) {
    scheduler.after(atMs * secondMs, id, "sets out", () => {
      toCome--;
      if (isOver) return;
      active++;
      const life = world.stranger(id);
      live({ world, told, life, account: accountOf(account), timetable, dates, trips })
        .catch((error: unknown) => told.wrong.push(`${id}: ${String(error instanceof Error ? error.stack : error)}`))
        .finally(() => active--);
    });
  }
  for (const { id, atMs } of changes) {
    scheduler.after(atMs * secondMs, id, "changes quotas", () => {
      if (isOver) return;
      active++;
      const life = world.stranger(id);
      void changeQuotas(life, world.sql.portsOf(life).quotas, dates)
        .then((isSet) => told.count(isSet ? "changed quotas" : "could not change quotas"))
        .finally(() => active--);
    });
  }
  for (const { id, atMs } of imports) {
    scheduler.after(atMs * secondMs, id, "imports a timetable", () => {
      if (isOver) return;
      active++;
      void importTimetable(world, world.stranger(id), dates)
        .then((isDone) => told.count(isDone ? "added a train" : "could not add a train"))
        .finally(() => active--);
    });
  }
  for (const { id, atMs } of cancellations) {
    scheduler.after(atMs * secondMs, id, "cancels a train", () => {
      if (isOver) return;
      active++;
      cancelTrain({ world, told, life: world.stranger(id), timetable, dates })
        .catch((error: unknown) => told.wrong.push(`${id}: ${String(error instanceof Error ? error.stack : error)}`))
        .finally(() => active--);
    });
  }
  for (const { id, atMs } of withdrawals) {
    scheduler.after(atMs * secondMs, id, "withdraws a coach", () => {
      if (isOver) return;
      active++;
      withdrawSomeCoach({ world, told, life: world.stranger(id), timetable, dates })
        .catch((error: unknown) => told.wrong.push(`${id}: ${String(error instanceof Error ? error.stack : error)}`))
        .finally(() => active--);
    });
  }
  for (const { id, atMs } of exchanges) {
    scheduler.after(atMs * secondMs, id, "exchanges a run", () => {
      if (isOver) return;
      active++;
      exchangeSomeRun({ world, told, life: world.stranger(id), timetable, hear, dates })
        .catch((error: unknown) => told.wrong.push(`${id}: ${String(error instanceof Error ? error.stack : error)}`))
        .finally(() => active--);
    });
  }
  for (const { id, atMs } of passages) {
    scheduler.after(atMs * secondMs, id, "stands at the gates", () => {
      if (isOver) return;
      active++;
      standAtGates({ world, told, life: world.stranger(id) })
        .catch((error: unknown) => told.wrong.push(`${id}: ${String(error instanceof Error ? error.stack : error)}`))
        .finally(() => active--);
    });
  }
  for (const { id, atMs } of blocks) {
    scheduler.after(atMs * secondMs, id, "blocks an account", () => {
      if (isOver) return;
      active++;
      void blockAccount(world, told, world.stranger(id)).finally(() => active--);
    });
  }
  queues.forEach((queue, n) => {
    const { id, people: waiting } = planned.find((each) => queueIdOf(each) === queue.queueId)!;
    void tellChance(world, world.stranger(id), queue);
    toCome += waiting.length;
    for (const { id: name, account, atMs } of waiting)
      scheduler.after(atMs * secondMs, name, "comes to a queue", () => {
        toCome--;
        if (isOver) return;
        active++;
        const life = world.stranger(name);
        const ownFirst = [queue, ...queues.filter((_, m) => m !== n)];
        live({ world, told, life, account: accountOf(account), timetable, dates, trips: 0, queues: ownFirst })
          .catch((error: unknown) =>
            told.wrong.push(`${name}: ${String(error instanceof Error ? error.stack : error)}`),
          )
          .finally(() => active--);
      });
  });
  for (const { id, account, atMs, trips } of leavers) {
    scheduler.after(atMs * secondMs, id, "buys for the last time", () => {
      if (isOver) return;
      active++;
      buyAndLeave({ world, told, life: world.stranger(id), account: accountOf(account), timetable, dates, trips })
        .catch((error: unknown) => told.wrong.push(`${id}: ${String(error instanceof Error ? error.stack : error)}`))
        .finally(() => active--);
    });
  }
  const heals = new Set<() => void>();
  for (const { id, trouble, atMs, forMs } of mailTroubles) {
    scheduler.after(atMs * secondMs, id, trouble, () => {
      if (isOver) return;
      const end = mailTroubleStrikes[trouble](world, chanceOf(seed, id));
      heals.add(end);
      scheduler.after(forMs * secondMs, id, `${trouble} is over`, () => {
        if (heals.delete(end)) end();
      });
    });
  }
  for (const { id, kind, atMs, forMs } of faults) {
    scheduler.after(atMs * secondMs, id, kind, () => {
      if (isOver) return;
      const { strike, fires } = kindOf(kind);
      if (!fires) world.fire(kind);
      const end = strike(world, chanceOf(seed, id));
      heals.add(end);
      scheduler.after(forMs * secondMs, id, `${kind} is over`, () => {
        if (heals.delete(end)) end();
      });
    });
  }
  while ((toCome > 0 || active > 0) && scheduler.steps < busyUntil && scheduler.step());
  isOver = true;
  for (const end of heals) end();
  heals.clear();
  heal(world);
  return () => active > 0;
}

/** Days before the sale. What is in memory has them before anybody is served; a cluster is empty, and hears of them a moment after it has begun. */
function setFirstQuotas({ sql, seed, book, embedded, now }: World) {
  settled(sql.within.quotas.set(0, quotasAtFirst(chanceOf(seed, "first quotas"), now())));
  if (embedded) book.settle();
}

function withdrawFirstCoaches({ sql, seed, withdrawn, embedded }: World) {
  for (const [n, change] of withdrawnAtFirst(chanceOf(seed, "first withdrawals")).entries())
    settled(sql.within.withdrawnCoaches.set(n, change));
  if (embedded) withdrawn.settle();
}

/** As the auditor knows it. */
async function timetableOf({ sql, now }: World) {
  const { timetable, reload, refreshStates } = await createTimetableRoom({
    store: sql.within.timetable,
    withdrawnCoaches: sql.within.withdrawnCoaches,
    clock: { now, after: () => () => {}, soon: () => {} },
  });
  assert(timetable.run("G1", firstDay) !== null, "trains run");
  return { timetable, reload, hear: refreshStates };
}

/** As railways set it; without what would let nobody buy after a few rounds; and without any. */
const hoardingOf = (chance: Chance): HoardingLimits =>
  weighed(chance, [
    [2, hoardingLimitsDefault],
    [3, { ...hoardingLimitsDefault, cancelsPerDay: 0 }],
    [3, noHoardingLimits],
  ]);

function accountsOf(seed: number): number[] {
  const count = accountCount + (hasQueues(seed) ? secondAccountCount : 0);
  const leavers = hasMails(seed) ? leaverCount : 0;
  const some = (length: number, first: number) => Array.from({ length }, (_, n) => first + n);
  return [...some(count, 0), ...some(leavers, accountCount + secondAccountCount)];
}

const queueReplicasOf = (seed: number): Readonly<Record<string, number>> =>
  hasQueues(seed) || queuesByLoad(seed) ? { queue: chanceOf(seed, "queue processes").between(1, 4) } : {};

const notificationReplicasOf = (seed: number): Readonly<Record<string, number>> =>
  hasMails(seed) ? { notification: chanceOf(seed, "notification processes").between(1, 3) } : {};

const countBy = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));

function replicasOf(seed: number, chance: Chance): Readonly<Record<string, number>> {
  const some = () => chance.between(1, 3);
  return {
    user: some(),
    search: 1,
    inventory: some(),
    order: some(),
    payment: some(),
    waitlist: some(),
    writer: some(),
    relay: some(),
    sweeper: some(),
    cdc: 1,
    ...(judgedOver(seed) === null ? {} : { challenges: 1 }),
  };
}
