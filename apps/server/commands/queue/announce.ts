/** Announces a queue, ends one, and says how far one has come. The platform does the rest. */
import { randomBytes } from "node:crypto";
import { type AnnouncedQueue, type KeptQueue, type RunId, trainAndDateOf } from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  formatInZone,
  instantOfClock,
  minuteMs,
  minuteOfClock,
  parseServiceDate,
  queueAnnouncedFreshMs,
  secondMs,
} from "@chepiao/kernel";
import { endOf } from "@chepiao/ports/queue-store";
import { commitmentOf, seedsBy } from "@chepiao/services/queue";
import { CommandFailed, UsageError } from "../command.ts";
import { operatorActs } from "../operator.ts";
import { table } from "../table.ts";
import type { QueueStores } from "./stores.ts";

type Say = (line: string) => void;
export type Scope = AnnouncedQueue["scope"];

export type OpenWish = {
  readonly scope: Scope;
  readonly perMinute: number;
  readonly activeMax: number;
  /** Clock time at the railway; null for the opening of the sale. */
  readonly at: string | null;
  readonly lastsMinutes: number;
  /** Null where the policy says. */
  readonly collectMinutes: number | null;
  readonly keepMinutes: number | null;
  readonly stayMinutes: number | null;
  /** Where a chance comes from that nobody at the railway can choose; null for a draw without one. */
  readonly chanceFrom: string | null;
};

/** By then every process knows of it. */
const noticeMs = 2 * queueAnnouncedFreshMs;

export async function openQueue(stores: QueueStores, wish: OpenWish, say: Say): Promise<void> {
  const { scope, perMinute, activeMax } = wish;
  const now = stores.clock.now();
  const opensAt = epochMs(Math.max(openingOf(stores, wish), now + noticeMs));
  const collectMinutes = wish.collectMinutes ?? stores.rules.collectMinutes;
  const queue = announcedQueue(stores.vault, {
    scope,
    collectsFrom: epochMs(Math.max(opensAt - collectMinutes * minuteMs, now)),
    opensAt,
    endsAt: epochMs(opensAt + wish.lastsMinutes * minuteMs),
    perMinute,
    activeMax,
    keepMs: (wish.keepMinutes ?? stores.rules.keepMinutes) * minuteMs,
    stayMs: (wish.stayMinutes ?? stores.rules.stayMinutes) * minuteMs,
    chanceFrom: wish.chanceFrom,
  });
  const what = `announce queue ${queue.queueId}, ${perMinute} a minute, ${activeMax} inside`;
  await acting(stores, scope, what, async () => {
    if (!(await stores.queues.announce(queue, now)))
      throw new CommandFailed(`${scope} has a queue or an exemption already. Look: queue status ${scope}`);
  });
  say(`Queue ${queue.queueId} of ${scope} is announced.`);
  for (const line of factsOf(queue, stores)) say(line);
}

const acting = ({ auditTrail }: QueueStores, scope: Scope, what: string, work: () => Promise<void>) =>
  operatorActs(auditTrail, { action: "announceQueue", subject: `queue ${scope}`, what }, work);

/** A new one, with the hash of the seed by which it will be drawn. */
export function announcedQueue(
  vault: QueueStores["vault"],
  asked: Omit<AnnouncedQueue, "endedAt" | "kind" | "queueId" | "seedHash">,
): AnnouncedQueue {
  const queueId = randomBytes(9).toString("base64url");
  return { ...asked, kind: "announced", queueId, endedAt: null, seedHash: commitmentOf(seedsBy(vault)(queueId)) };
}

/** Nobody has to queue for that, however much load there is. */
export async function exempt(stores: QueueStores, scope: Scope, lastsMinutes: number, say: Say): Promise<void> {
  const now = stores.clock.now();
  const endsAt = epochMs(now + lastsMinutes * minuteMs);
  const exemption: AnnouncedQueue = {
    kind: "exempt",
    queueId: randomBytes(9).toString("base64url"),
    scope,
    collectsFrom: now,
    opensAt: now,
    endsAt,
    endedAt: null,
    perMinute: 1,
    activeMax: 1,
    keepMs: minuteMs,
    stayMs: minuteMs,
    seedHash: "",
    chanceFrom: null,
  };
  await acting(stores, scope, `exempt it from queues by load for ${lastsMinutes} minutes`, async () => {
    if (!(await stores.queues.announce(exemption, now)))
      throw new CommandFailed(`${scope} has a queue or an exemption already. Look: queue status ${scope}`);
  });
  say(exemptionOf(exemption, stores));
}

const exemptionOf = ({ scope, ...queue }: AnnouncedQueue, { timetable }: QueueStores): string =>
  `No queue of ${scope} is switched on by load until ${formatInZone(endOf(queue), timetable.zone)}.`;

export async function closeQueue(stores: QueueStores, scope: Scope, say: Say): Promise<void> {
  const now = stores.clock.now();
  const queue = (await ofScope(stores, scope)).find((each) => endOf(each) > now);
  if (!queue) throw new CommandFailed(`No queue of ${scope} is announced or on.`);
  const isExemption = queue.kind === "exempt";
  await acting(stores, scope, isExemption ? "end the exemption" : `end queue ${queue.queueId}`, async () => {
    if (!(await stores.queues.end(queue.queueId, now)))
      throw new CommandFailed(`No queue of ${scope} is announced or on.`);
  });
  if (isExemption) return say(`${scope} is exempt no more.`);
  say(`Queue ${queue.queueId} of ${scope} has ended: from ${noticeMs / secondMs} s from now nobody needs a pass.`);
}

/** What came of the chance that was announced: heard after the root of the lots was public, and told once. */
export async function noteChance(stores: QueueStores, scope: Scope, chance: string, say: Say): Promise<void> {
  const now = stores.clock.now();
  const queue = (await ofScope(stores, scope)).find((each) => endOf(each) > now && each.chanceFrom !== null);
  if (!queue) throw new CommandFailed(`No queue of ${scope} is announced or on whose draw needs a chance.`);
  if (queue.marks.root === null)
    throw new CommandFailed("The root of the lots is not published yet: a chance that is known before is none.");
  await acting(stores, scope, `tell queue ${queue.queueId} what came of its chance: ${chance}`, async () => {
    if (!(await stores.queues.noteChance(queue.queueId, chance)))
      throw new CommandFailed(`The chance of queue ${queue.queueId} is known already.`);
  });
  say(`Queue ${queue.queueId} of ${scope} is drawn with "${chance}".`);
}

export async function queueStatus(stores: QueueStores, scope: Scope, say: Say): Promise<void> {
  const queues = await ofScope(stores, scope);
  if (queues.length === 0) return say(`No queue of ${scope} is announced.`);
  for (const queue of queues) {
    if (queue.kind === "exempt") {
      say(exemptionOf(queue, stores));
      continue;
    }
    const { taken, served, drawn } = queue.marks;
    const how = queue.kind === "load" ? ", switched on by load" : "";
    say(`Queue ${queue.queueId} of ${scope}${how}${endOf(queue) <= stores.clock.now() ? ", ended" : ""}`);
    for (const line of factsOf(queue, stores)) say(line);
    const rows = [
      ["lots drawn", drawn === null ? "not yet" : String(drawn)],
      ["places given", String(taken)],
      ["called", String(served)],
      ["waiting", String(Math.max(0, taken - served))],
      ["root of the lots", queue.marks.root ?? "not yet"],
      ...(queue.chanceFrom === null ? [] : [["what came of the chance", queue.marks.chance ?? "not yet"]]),
    ];
    for (const line of table(rows)) say(`  ${line}`);
  }
}

const ofScope = async ({ queues }: QueueStores, scope: Scope): Promise<KeptQueue[]> =>
  (await queues.all()).filter((queue) => queue.scope === scope);

function factsOf(queue: AnnouncedQueue, { timetable }: QueueStores): readonly string[] {
  const time = (instant: EpochMs) => formatInZone(instant, timetable.zone);
  return table([
    ["lots are taken from", time(queue.collectsFrom)],
    ["opens", time(queue.opensAt)],
    ["ends at the latest", time(endOf(queue))],
    ["let in", `${queue.perMinute} a minute, ${queue.activeMax} inside at most`],
    ["a place is kept", `${queue.keepMs / minuteMs} minutes`],
    ["one may buy for", `${queue.stayMs / minuteMs} minutes`],
    ...(queue.chanceFrom === null ? [] : [["chance", queue.chanceFrom]]),
    ["SHA-256 of the seed", queue.seedHash],
  ]).map((line) => `  ${line}`);
}

/** As it is said, or when the sale opens for the first who may buy. */
function openingOf({ timetable }: QueueStores, { scope, at }: OpenWish): EpochMs {
  if (at !== null) return instantIn(at, timetable.zone);
  if (isRun(scope)) {
    const run = timetable.run(...trainAndDateOf(scope));
    if (!run) throw new CommandFailed(`The timetable does not know ${scope}.`);
    return epochMs(Math.min(...run.train.stops.map((_, stop) => timetable.saleOpensAt(run, stop))));
  }
  const openings = [...timetable.runsOn(scope)].map((run) => timetable.saleOpensAt(run, 0));
  if (openings.length === 0) throw new CommandFailed(`No train runs on ${scope}.`);
  return epochMs(openings.reduce((first, each) => Math.min(first, each), Infinity));
}

const isRun = (scope: Scope): scope is RunId => scope.includes("/");

function instantIn(text: string, zone: QueueStores["timetable"]["zone"]): EpochMs {
  const [day, clock] = /^(\d{4}-\d{2}-\d{2}) ((?:[01]\d|2[0-3]):[0-5]\d)$/.exec(text)?.slice(1) ?? [];
  const date = day === undefined ? null : parseServiceDate(day);
  if (date === null) throw new UsageError(`"${text}" is no time: a day and a clock time, such as "2026-12-01 08:00".`);
  return instantOfClock(date, minuteOfClock(clock!), zone);
}
