/**
 * What a seed has in store: rounds of people, operators and faults, as data. Each has a name, so that a failure can be told again without those
 * that it does not need.
 */
import type { QueueLoadRules } from "@chepiao/contracts";
import { addDays, secondMs, type ServiceDate } from "@chepiao/kernel";
import { chanceOf, weighed } from "./core/chance.ts";
import { type FaultName, faultsOf, kindOf, type MailTrouble, mailTroubles } from "./faults/faults.ts";
import { firstDay } from "./railway.ts";
import type { WorldKind } from "./world.ts";

export type PlannedFault = {
  readonly id: string;
  readonly kind: FaultName;
  readonly atMs: number;
  readonly forMs: number;
};
export type PlannedPerson = {
  readonly id: string;
  readonly account: number;
  readonly atMs: number;
  readonly trips: number;
};
/** A queue before a train, and who stands in it. */
export type PlannedQueue = {
  readonly id: string;
  readonly trainNumber: string;
  readonly date: ServiceDate;
  /** From when lots are taken to the opening. */
  readonly collectsMs: number;
  readonly perMinute: number;
  readonly activeMax: number;
  readonly keepMs: number;
  readonly stayMs: number;
  readonly needsChance: boolean;
  /** Does another node take over while its lots are collected? */
  readonly failsOver: boolean;
  readonly people: readonly Omit<PlannedPerson, "trips">[];
};
/** An operator changes quotas, imports a newer timetable, cancels a train, withdraws a coach or blocks an account; or people go through gates. */
export type PlannedChange = { readonly id: string; readonly atMs: number };
export type Round = {
  readonly people: readonly PlannedPerson[];
  readonly faults: readonly PlannedFault[];
  readonly changes: readonly PlannedChange[];
  readonly imports: readonly PlannedChange[];
  readonly cancellations: readonly PlannedChange[];
  readonly withdrawals: readonly PlannedChange[];
  readonly exchanges: readonly PlannedChange[];
  readonly passages: readonly PlannedChange[];
  readonly blocks: readonly PlannedChange[];
  readonly queues: readonly PlannedQueue[];
  readonly mailTroubles: readonly PlannedTrouble[];
  /** Who deletes his account afterwards. */
  readonly leavers: readonly PlannedPerson[];
  /** The days on which they travel. */
  readonly dates: readonly ServiceDate[];
};

export type PlanOptions = {
  readonly seed: number;
  /** Of all people and faults only those; everybody and everything where it is left out. */
  readonly only?: ReadonlySet<string> | undefined;
  /** The seed's own where it is left out. */
  readonly kind?: WorldKind | undefined;
};

export const accountCount = 24;
/** Further accounts of people who have one already. */
export const secondAccountCount = 8;
export const daysInUse = 10;

/** Most seeds are a cluster, because there is more to it. */
export const worldOf = ({ seed, kind }: Pick<PlanOptions, "seed" | "kind">): WorldKind =>
  kind ?? (chanceOf(seed, "kind of world").chance(0.25) ? "embedded" : "cluster");

/** Half of the railways sell by quotas. */
export const hasQuotas = (seed: number): boolean => chanceOf(seed, "quotas").chance(0.5);

/** In some histories there are students who buy. */
export const hasStudents = (seed: number): boolean => chanceOf(seed, "sells to students").chance(0.4);

/** To some of the railways trains are added while people wait. */
export const addsTrains = (seed: number): boolean => chanceOf(seed, "added trains").chance(0.4);

function importsOf(n: number, seed: number, lastsMs: number): PlannedChange[] {
  if (!addsTrains(seed)) return [];
  const chance = chanceOf(seed, `imports of round ${n}`);
  // Late enough for some to wait, and early enough for others to want what was added.
  const atMs = () => lastsMs * (0.1 + 0.4 * chance.next());
  return Array.from({ length: chance.between(1, 3) }, (_, m) => ({ id: `t${n}.${m}`, atMs: atMs() }));
}

function changesOf(n: number, seed: number, lastsMs: number): PlannedChange[] {
  if (!hasQuotas(seed)) return [];
  const chance = chanceOf(seed, `changes of round ${n}`);
  // Early, so that people meet what was changed.
  return Array.from({ length: chance.below(8) }, (_, m) => ({ id: `q${n}.${m}`, atMs: chance.below(lastsMs / 2) }));
}

/** In some histories trains are cancelled: at any time of a round, so that whatever is under way meets it. */
export const hasCancellations = (seed: number): boolean => chanceOf(seed, "cancellations").chance(0.5);

function cancellationsOf(n: number, seed: number, lastsMs: number): PlannedChange[] {
  if (!hasCancellations(seed)) return [];
  const chance = chanceOf(seed, `cancellations of round ${n}`);
  return Array.from({ length: chance.below(5) }, (_, m) => ({ id: `c${n}.${m}`, atMs: chance.below(0.7 * lastsMs) }));
}

/** In some histories coaches are taken off sale. */
export const hasWithdrawals = (seed: number): boolean => chanceOf(seed, "withdrawals").chance(0.5);

function withdrawalsOf(n: number, seed: number, lastsMs: number): PlannedChange[] {
  if (!hasWithdrawals(seed)) return [];
  const chance = chanceOf(seed, `withdrawals of round ${n}`);
  return Array.from({ length: chance.between(2, 7) }, (_, m) => ({
    id: `w${n}.${m}`,
    atMs: chance.below(0.9 * lastsMs),
  }));
}

/** In a quarter of the histories sold runs are exchanged for another train, and often back. */
export const hasExchanges = (seed: number): boolean => chanceOf(seed, "exchanges").chance(0.25);

function exchangesOf(n: number, seed: number, lastsMs: number): PlannedChange[] {
  if (!hasExchanges(seed)) return [];
  const chance = chanceOf(seed, `exchanges of round ${n}`);
  return Array.from({ length: chance.between(1, 4) }, (_, m) => ({
    id: `x${n}.${m}`,
    atMs: chance.below(0.9 * lastsMs),
  }));
}

/** In a quarter of the histories people go through gates. */
export const hasGates = (seed: number): boolean => chanceOf(seed, "gates").chance(0.25);

function passagesOf(n: number, seed: number, lastsMs: number): PlannedChange[] {
  if (!hasGates(seed)) return [];
  const chance = chanceOf(seed, `gates in round ${n}`);
  return Array.from({ length: chance.between(1, 5) }, (_, m) => ({ id: `g${n}.${m}`, atMs: chance.below(lastsMs) }));
}

/** In a quarter of the histories purchases are judged: everybody is challenged, or who tries more often than this within a minute. */
export function judgedOver(seed: number): number | null {
  const chance = chanceOf(seed, "purchases are judged");
  return chance.chance(0.25) ? chance.pick([0, 8]) : null;
}

function blocksOf(n: number, seed: number, lastsMs: number): PlannedChange[] {
  if (judgedOver(seed) === null) return [];
  const chance = chanceOf(seed, `blocks of round ${n}`);
  return Array.from({ length: chance.below(5) }, (_, m) => ({ id: `b${n}.${m}`, atMs: chance.below(lastsMs / 2) }));
}

/** In a fifth of the histories queues are announced. */
export const hasQueues = (seed: number): boolean => chanceOf(seed, "openings").chance(0.2);

/** In others the platform switches them on by itself, by what is little load elsewhere. */
export function queuesByLoad(seed: number): QueueLoadRules | null {
  const chance = chanceOf(seed, "queues by load");
  if (hasQueues(seed) || !chance.chance(0.25)) return null;
  return {
    waiting: { on: chance.pick([1, 1, 2]), off: 0 },
    unwrittenSeconds: { on: chance.between(1, 4), off: 0 },
    afterSeconds: chance.pick([0, 1, 3, 6]),
    calmSeconds: chance.pick([60, 600]),
    perMinute: chance.between(20, 181),
    inside: chance.between(1, 7),
    lastsMinutes: 30,
  };
}
const queueTrains = ["G1", "G2", "G3"] as const;

function queuesOf(n: number, seed: number, date: ServiceDate): PlannedQueue[] {
  if (!hasQueues(seed)) return [];
  const chance = chanceOf(seed, `queues of round ${n}`);
  const accounts = Array.from({ length: accountCount + secondAccountCount }, (_, account) => account);
  return queueTrains.slice(0, chance.between(1, 4)).map((trainNumber, m): PlannedQueue => {
    const collectsMs = chance.between(6, 16) * secondMs;
    return {
      id: `w${n}.${m}`,
      trainNumber,
      date,
      collectsMs,
      perMinute: chance.between(20, 181),
      activeMax: chance.between(1, 7),
      keepMs: chance.between(20, 91) * secondMs,
      stayMs: chance.between(40, 121) * secondMs,
      needsChance: chance.chance(0.3),
      failsOver: chance.chance(0.4),
      people: accounts
        .filter(() => chance.chance(0.35))
        .map((account) => ({ id: `w${n}.${m}.${account}`, account, atMs: chance.below(1.5 * collectsMs) })),
    };
  });
}

/** In some histories accounts are mailed what they are told. */
export const hasMails = (seed: number): boolean => chanceOf(seed, "mails are carried").chance(0.3);

export type PlannedTrouble = Omit<PlannedFault, "kind"> & { readonly trouble: MailTrouble };

function mailTroublesOf(n: number, seed: number, lastsMs: number): PlannedTrouble[] {
  if (!hasMails(seed)) return [];
  const chance = chanceOf(seed, `mail server in round ${n}`);
  return Array.from({ length: chance.between(2, 15) }, (_, m) => ({
    id: `m${n}.${m}`,
    trouble: chance.pick(mailTroubles),
    atMs: chance.below(lastsMs),
    forMs: chance.between(2 * secondMs, 40 * secondMs),
  }));
}

/** Further accounts, whose owners delete them once they have travelled no more. */
const leaversPerRound = 3;
export const leaverCount = 9;

function leaversOf(n: number, seed: number, lastsMs: number): PlannedPerson[] {
  if (!hasMails(seed)) return [];
  const chance = chanceOf(seed, `who leaves in round ${n}`);
  return Array.from({ length: leaversPerRound }, (_, m) => ({
    id: `l${n}.${m}`,
    account: accountCount + secondAccountCount + ((n * leaversPerRound + m) % leaverCount),
    atMs: chance.below(lastsMs / 2),
    trips: chance.between(1, 3),
  }));
}

export function roundOf(n: number, options: PlanOptions): Round {
  const { seed, only } = options;
  const isIn = ({ id }: { readonly id: string }) => only === undefined || only.has(id);
  const chance = chanceOf(seed, `round ${n}`);
  const lastsMs = chance.between(8, 45) * secondMs;
  const people = Array.from({ length: chance.between(15, 110) }, (_, m) => ({
    id: `p${n}.${m}`,
    account: chance.below(accountCount),
    atMs: chance.below(lastsMs),
    trips: chance.between(1, 4),
  }));
  const faultCount = weighed(chance, [
    [1, 0],
    [3, chance.between(2, 8)],
    [3, chance.between(8, 24)],
  ]);
  const faults = Array.from({ length: faultCount }, (_, m): PlannedFault => {
    const kind = weighed(
      chance,
      faultsOf(worldOf(options)).map((name) => [kindOf(name).weight, name] as const),
    );
    const [least, most] = kindOf(kind).lastsMs;
    return {
      id: `f${n}.${m}`,
      kind,
      atMs: chance.below(lastsMs),
      forMs: Math.round(least + chance.next() * (most - least)),
    };
  });
  const day = addDays(firstDay, n % daysInUse);
  const queues = queuesOf(n, seed, day).filter(isIn);
  return {
    people: people.filter(isIn),
    faults: faults.filter(isIn),
    changes: changesOf(n, seed, lastsMs).filter(isIn),
    imports: importsOf(n, seed, lastsMs).filter(isIn),
    cancellations: cancellationsOf(n, seed, lastsMs).filter(isIn),
    withdrawals: withdrawalsOf(n, seed, lastsMs).filter(isIn),
    exchanges: exchangesOf(n, seed, lastsMs).filter(isIn),
    passages: passagesOf(n, seed, lastsMs).filter(isIn),
    blocks: blocksOf(n, seed, lastsMs).filter(isIn),
    queues: queues.map((queue) => ({ ...queue, people: queue.people.filter(isIn) })),
    mailTroubles: mailTroublesOf(n, seed, lastsMs).filter(isIn),
    leavers: leaversOf(n, seed, lastsMs).filter(isIn),
    dates: Array.from({ length: chance.between(1, 4) }, (_, later) => addDays(day, later)),
  };
}
