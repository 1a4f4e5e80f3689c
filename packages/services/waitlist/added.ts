/**
 * Trains that the railway adds while their day is on sale. Whoever accepts them waits for them too, in the place that he has: his entry is given
 * the train, all such entries stand in its line, and only then anybody else may buy it (I5). Whoever dies on the way is followed by the next
 * pass: what an entry has been given it is not given again, and a line may be joined as often as one likes.
 */
import {
  type SeatClass,
  isUndecided,
  type Leg,
  type LinesClient,
  type Run,
  type RunId,
  seatsOf,
  type Timetable,
  type TimetableClient,
  trainAndDateOf,
} from "@chepiao/contracts";
import { addDays, dateIn, type EpochMs, formatInZone, type OrderId, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import {
  type AddedTrains,
  isPending,
  type WaitlistChange,
  type WaitlistChoice,
  type WaitlistRecord,
  type WaitlistStore,
} from "@chepiao/ports/waitlist-store";
import type { Changes } from "./changes.ts";
import { decideByOf, decideMoreChoices } from "./decide.ts";
import { needsOn, runsOf } from "./lines.ts";
import { choiceOf, departureOf, fareOfAll, stationsOfCity } from "./plan.ts";

/** Those of the added runs that the entry accepts become trains of it; null where there are none that it has not got already. */
export function decideAdded(
  entry: WaitlistRecord,
  added: ReadonlySet<RunId>,
  timetable: Timetable,
  combinationsMax: number,
  now: EpochMs,
): WaitlistChange | null {
  if (!isPending(entry)) return null;
  const choices = [...entry.choices];
  for (const leg of acceptedLegs(entry, added, timetable, now)) {
    const isNamed = choices.some(({ runId }) => runId === leg.run.runId);
    const choice =
      choices.length < combinationsMax && !isNamed ? addedChoice(entry, choices.length, leg, timetable, now) : null;
    if (choice) choices.push(choice);
  }
  return choices.length > entry.choices.length ? decideMoreChoices(entry, choices, now) : null;
}

/** The leg as one more of its trains: over when it is dearer in every class than what was prepaid. */
function addedChoice(
  entry: WaitlistRecord,
  number: number,
  leg: Leg,
  timetable: Timetable,
  now: EpochMs,
): WaitlistChoice | null {
  const offered = seatsOf(leg.run.train.composition);
  const accepted = new Set(entry.choices.flatMap(({ seatClasses }) => seatClasses));
  // Standing is the last resort of whoever accepts it, also where only one of the trains had nothing else.
  const inOrder: SeatClass[] = [...[...accepted].filter((each) => each !== "standing"), "standing"];
  const classes = inOrder.filter((seatClass) => accepted.has(seatClass) && offered.has(seatClass));
  if (classes.length === 0) return null;
  const paid = classes.filter((seatClass) => fareOfAll(timetable, leg, seatClass, entry.passengers) <= entry.prepayFen);
  return paid.length > 0
    ? choiceOf(number, leg, paid, now)
    : { ...choiceOf(number, leg, classes, now), endedBecause: "WaitlistDearer", endedAt: now };
}

/** Between the stations of its cities, on a day and at a time that it accepts, while it is sold and can be decided about. */
function acceptedLegs(entry: WaitlistRecord, added: ReadonlySet<RunId>, timetable: Timetable, now: EpochMs): Leg[] {
  const wish = entry.addedTrains;
  const known = entry.choices.find(
    ({ fromStationId, toStationId }) => timetable.station(fromStationId) && timetable.station(toStationId),
  );
  if (!wish || !known) return [];
  const from = stationsOfCity(timetable, known.fromStationId)!;
  const to = stationsOfCity(timetable, known.toStationId)!;
  // A feed may have brought very many; those of a way and a day are few, and found once for all who ask.
  return wish.dates
    .flatMap((date) => timetable.legs(from, to, date))
    .filter(({ run }) => added.has(run.runId) && !timetable.stateOf(run.runId)?.isCancelled)
    .filter((leg) => {
      const departAt = departureOf(leg.run, leg);
      const isSold =
        timetable.saleOpensAt(leg.run, leg.fromStop) <= now && now < timetable.saleClosesAt(leg.run, leg.fromStop);
      const zone = leg.run.train.stops[leg.fromStop]!.zone ?? leg.run.train.zone;
      return isSold && isAccepted(wish, departAt, zone) && now < decideByOf({ departAt }, entry);
    });
}

function isAccepted({ dates, departFrom, departUntil }: AddedTrains, departAt: EpochMs, zone: ZoneName): boolean {
  const clock = formatInZone(departAt, zone).slice(11, 16);
  const isInTime = clock >= (departFrom ?? "") && clock <= (departUntil ?? "24");
  return isInTime && dates.includes(dateIn(zone, departAt));
}

export type AddedDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly trains: Pick<TimetableClient, "added" | "openAdded">;
  readonly combinationsMaxOf: (policyVersion: number) => number;
  readonly store: Pick<WaitlistStore, "acceptingAdded" | "idsOfRun" | "loadAll" | "waitedFor">;
  readonly inventory: Pick<LinesClient, "join">;
  readonly changes: Changes;
  /** So long after it was taken over here, every process has the timetable. */
  readonly everywhereAfterMs: number;
  readonly report: (message: string, error?: unknown) => void;
};

const entriesAtOnce = 200;
/** Opened together, so that the list of those that are not open is not written anew for each. */
const runsAtOnce = 50;
/** As many as a line of the log names. */
const namedMax = 10;

/** The code of a refusal, or that it failed and with what. */
type WhyClosed = { readonly reason: string; readonly error?: unknown };

export function createAdded(deps: AddedDeps) {
  const { clock, timetable, trains, store, inventory, changes } = deps;
  /** By the last pass of this process. */
  let closed = new Map<RunId, WhyClosed>();

  /** Gives them to the entries that accept them. */
  async function give(): Promise<void> {
    const { runIds } = trains.added();
    if (runIds.size === 0) return;
    let firstDay = trainAndDateOf([...runIds][0]!)[1];
    for (const [, date] of [...runIds].map(trainAndDateOf)) if (date < firstDay) firstDay = date;
    for (let last: OrderId | null = null; ;) {
      // A journey by clocks ahead of the train's may begin the day before.
      const page: readonly WaitlistRecord[] = await store.acceptingAdded(addDays(firstDay, -1), last, entriesAtOnce);
      for (const { entryId } of page)
        await changes.make(entryId, (entry) => ({
          change: decideAdded(entry, runIds, timetable(), deps.combinationsMaxOf(entry.policyVersion), clock.now()),
        }));
      if (page.length < entriesAtOnce) return;
      last = page.at(-1)!.entryId;
    }
  }

  /**
   * Lets all who wait for the run join its line; says why, where not all of them could. The line is joined from its front, so that who is in
   * it at any moment are the first of those who wait: seats that come back on the way, and a pass that ends on the way, put nobody before
   * another. Who is in line already stays as he is.
   */
  async function joinLine(run: Run): Promise<string | null> {
    const asked = new Set<OrderId>();
    // Twice: who has prepaid meanwhile is in the second reading alone.
    for (let reading = 0; reading < 2; reading++) {
      const entryIds = (await store.idsOfRun(run.runId)).filter((entryId) => !asked.has(entryId));
      for (let first = 0; first < entryIds.length; first += entriesAtOnce) {
        const page = entryIds.slice(first, first + entriesAtOnce);
        const refused = await inventory.join(needsOn(run, await store.loadAll(page), timetable()));
        const undecided = refused.find((why) => why && isUndecided(why));
        if (undecided) return undecided.code;
        for (const entryId of page) asked.add(entryId);
      }
    }
    return null;
  }

  /** What is wrong with one run keeps no other closed. */
  const whyClosed = (run: Run): Promise<WhyClosed | null> =>
    joinLine(run).then(
      (code) => (code === null ? null : { reason: code }),
      (error: unknown) => ({ reason: "failed", error }),
    );

  /** Those that are waited for, the shorter lines first. */
  async function waitedFor(runIds: ReadonlySet<RunId>): Promise<Run[]> {
    const lengths = await store.waitedFor();
    const ids = [...runIds].filter((runId) => lengths.has(runId));
    return runsOf(
      ids.sort((a, b) => lengths.get(a)! - lengths.get(b)!),
      timetable(),
    );
  }

  /** Opens each whose line stands, some at a time; false where a newer timetable has come. Notes in `why` which stay closed. */
  async function openAll(version: number, runIds: ReadonlySet<RunId>, why: Map<RunId, WhyClosed>): Promise<boolean> {
    const open = async (some: ReadonlySet<RunId>) => some.size === 0 || trains.openAdded(version, some);
    const runs = await waitedFor(runIds);
    if (!(await open(runIds.difference(new Set(runs.map(({ runId }) => runId)))))) return false;
    for (let first = 0; first < runs.length; first += runsAtOnce) {
      const ready = new Set<RunId>();
      for (const run of runs.slice(first, first + runsAtOnce)) {
        const reason = await whyClosed(run);
        if (reason) why.set(run.runId, reason);
        else ready.add(run.runId);
      }
      if (!(await open(ready))) return false;
    }
    return true;
  }

  /** True where nothing is left to be opened. */
  async function pass(): Promise<boolean> {
    const { version, runIds, since } = trains.added();
    const before = closed;
    closed = new Map();
    if (runIds.size === 0) return true;
    if (clock.now() < since + deps.everywhereAfterMs) return false;
    await give();
    const isNewest = await openAll(version, runIds, closed);
    tellClosed(before);
    return isNewest && closed.size === 0;
  }

  /** Once of each, as long as it is closed for the same reason. */
  function tellClosed(before: ReadonlyMap<RunId, WhyClosed>) {
    const fresh = [...closed].filter(([runId, { reason }]) => before.get(runId)?.reason !== reason);
    if (fresh.length === 0) return;
    const named = fresh.slice(0, namedMax).map(([runId, { reason }]) => `${runId} (${reason})`);
    const rest = fresh.length > namedMax ? ` and ${fresh.length - namedMax} more` : "";
    const error = fresh.find(([, why]) => why.error !== undefined)?.[1].error;
    deps.report(
      `added runs stay closed, because not all who wait are in their lines: ${named.join(", ")}${rest}`,
      error,
    );
  }

  return {
    pass,
    give,
    /** Once their lines are set: everybody may buy them. */
    async open() {
      const { version, runIds } = trains.added();
      if (runIds.size > 0) await trains.openAdded(version, runIds);
    },
    /** How many the last pass has left closed, by why. */
    closedBy: (): ReadonlyMap<string, number> => {
      const counts = new Map<string, number>();
      for (const { reason } of closed.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
      return counts;
    },
  };
}

export type Added = ReturnType<typeof createAdded>;
