/**
 * Seats on a Redis Cluster. A run is three keys on one node, changed by one function call, so that every hold is one step that no
 * other can come between. Commands of one run that come together travel in one call; those of different runs side by side.
 *
 * What a cluster cannot promise: a failover may lose the last writes that were already answered, at most some seconds of them.
 * Then Redis takes a seat for free that is sold. It is not sold twice, because the seat ledger in SQL, claimed before payment,
 * refuses the second order (I1); and `restore` with the orders of SQL brings back what was lost while the store is in use.
 */
import {
  type Held,
  type HoldCommand,
  type HoldRef,
  type Leg,
  type Refusal,
  refusal,
  type RestoredHold,
  type Run,
  type RunId,
  type Seat,
  type SeatClass,
  seatsOf,
  type Togetherness,
} from "@chepiao/contracts";
import { assert, dayMs, type EpochMs, ok, type OrderId, refuse, type Result, secondMs } from "@chepiao/kernel";
import type { KnownHold, SeatStore } from "@chepiao/ports/seat-store";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import bits from "./bits.lua" with { type: "text" };
import choose from "./choose.lua" with { type: "text" };
import functions from "./functions.lua" with { type: "text" };
import gaps from "./gaps.lua" with { type: "text" };
import layout from "./layout.lua" with { type: "text" };
import { chunksOf, together } from "../parts.ts";
import { createWatermark } from "../watermark.ts";
import { createChangedRuns } from "./changedRuns.ts";
import { classNumber, type Layout, layoutOf, wishesText } from "./layout.ts";
import { createRunIndex } from "./runIndex.ts";

/** Commands in one call: a node does nothing else meanwhile, so not for longer than a few milliseconds. */
const commandsPerCallMax = 64;
/** Runs asked for overdue holds at one time. */
const runsAtOnceMax = 32;
/** A run that is gone is remembered for this long, should a command for it still be under way. */
const goneForS = dayMs / secondMs;

/** What a function may say of the run instead of an answer. */
type RunState = "PLAN" | "GONE" | "CONFLICT";

const seatFunctions = {
  name: "seats",
  files: [bits, layout, gaps, choose, functions],
  functions: {
    hold: "writes",
    confirm: "writes",
    release: "writes",
    restore: "writes",
    retake: "writes",
    open: "writes",
    overdue: "writes",
    retire: "writes",
    available: "reads",
    freeSeats: "reads",
  },
} as const;

export function createRedisSeats(redis: Redis): SeatStore {
  const library = createLibrary(redis, seatFunctions);
  const index = createRunIndex(redis);
  const news = createChangedRuns(redis);
  /** Runs that arrived before are sold no more, also those that nobody has listed. */
  const retired = createWatermark(redis, "runs-retired");
  const stampPrefix = Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString("base64url");
  let stampCount = 0;

  const keysOf = (runId: RunId) => ["holds", "taken", "due"].map((part) => redis.key(`${part}:{${runId}}`));
  /** Never the same twice, by whomever: see functions.lua. */
  const nextStamp = () => `${stampPrefix}${(stampCount++).toString(36)}`;
  const isRetired = async (run: Run) => arrivalOf(run) < (await retired.value());

  /** Calls a function that has to know how the run's seats lie; says it when it does not. */
  async function callWithLayout(run: Run, call: (keys: string[]) => Promise<unknown>): Promise<string[]> {
    const keys = keysOf(run.runId);
    for (;;) {
      const answer = await call(keys);
      if (answer !== "PLAN") return answer as string[];
      const { digest, text } = layoutOfRun(run);
      if ((await library.call("open", keys, [digest, text])) === "CONFLICT") throw conflict(run);
    }
  }

  // Holding -----------------------------------------------------------------------------------------------------------------

  async function hold(commands: readonly HoldCommand[], now: EpochMs): Promise<Result<Held, Refusal>[]> {
    const answers: Result<Held, Refusal>[] = [];
    const retiredBefore = await retired.value();
    const places = commands.flatMap((command, place) => {
      if (arrivalOf(command.run) >= retiredBefore) return [place];
      answers[place] = refuse(refusal(command.deadline <= now ? "HoldExpired" : "SaleClosed"));
      return [];
    });
    await index.note(
      places.map((place) => {
        const { run, deadline } = commands[place]!;
        return { run, arrival: arrivalOf(run), deadline };
      }),
    );
    const parties = partiesOf(places, (place) => commands[place]!.run.runId);
    await Promise.all(
      parties.map(async (party) => {
        const decided = await holdInRun(
          party.map((place) => commands[place]!),
          now,
        );
        party.forEach((place, n) => (answers[place] = answerOf(commands[place]!, decided[n]!)));
        if (party.some((place) => answers[place]!.ok)) news.changed(commands[party[0]!]!.run.runId);
      }),
    );
    return answers;
  }

  function holdInRun(commands: readonly HoldCommand[], now: EpochMs): Promise<string[]> {
    const { run } = commands[0]!;
    const runLayout = layoutOfRun(run);
    const texts = commands.map((command) => textOf(command, runLayout));
    return callWithLayout(run, (keys) => library.call("hold", keys, [now, runLayout.digest, nextStamp(), ...texts]));
  }

  async function confirm(holds: readonly HoldRef[]) {
    const byRun = Map.groupBy(holds, ({ runId }) => runId);
    const calls = [...byRun].flatMap(([runId, refs]) =>
      chunksOf(refs, commandsPerCallMax).map((some) =>
        library.call(
          "confirm",
          keysOf(runId),
          some.map(({ holdId }) => holdId),
        ),
      ),
    );
    await Promise.all(calls);
  }

  type Release = { readonly hold: HoldRef; readonly seatIndexes: readonly number[] | undefined };
  const release = together<Release, readonly number[]>(async (releases) => {
    const freed: number[][] = [];
    const places = [...releases.keys()];
    await Promise.all(
      partiesOf(places, (place) => releases[place]!.hold.runId).map(async (party) => {
        const { runId } = releases[party[0]!]!.hold;
        const texts = party.map((place) => textOfRelease(releases[place]!.hold, releases[place]!.seatIndexes));
        const answer = (await library.call("release", keysOf(runId), [nextStamp(), ...texts])) as string[];
        party.forEach((place, n) => (freed[place] = seatsIn(answer[n]!)));
        if (party.some((place) => freed[place]!.length > 0)) news.changed(runId);
      }),
    );
    return freed;
  });

  async function putBack(how: "restore" | "retake", holds: readonly RestoredHold[]): Promise<OrderId[]> {
    const retiredBefore = await retired.value();
    const wanted = holds.filter(({ run, seatIndexes }) => seatIndexes.length > 0 && arrivalOf(run) >= retiredBefore);
    await index.note(wanted.map(({ run, deadline }) => ({ run, arrival: arrivalOf(run), deadline })));
    const lost = await Promise.all(
      partiesOf(wanted, ({ run }) => run.runId).map(async (some) => {
        const { run } = some[0]!;
        const runLayout = layoutOfRun(run);
        const texts = some.map((each) => textOfRestored(each, runLayout));
        const refused = await callWithLayout(run, (keys) =>
          library.call(how, keys, [runLayout.digest, nextStamp(), ...texts]),
        );
        news.changed(run.runId);
        return refused;
      }),
    );
    const lostIds = new Set(lost.flat().map(Number));
    return holds.filter(({ holdId }) => lostIds.has(holdId)).map(({ holdId }) => holdId);
  }

  async function known(runId: RunId): Promise<KnownHold[]> {
    const [key] = keysOf(runId);
    const fields = await redis.ask((cluster) => cluster.hgetall(key!));
    return Object.entries(fields)
      .filter(([field]) => /^\d+$/.test(field))
      .map(([id, text]) => knownHold(Number(id) as OrderId, text));
  }

  // Looking -----------------------------------------------------------------------------------------------------------------

  async function available(legs: readonly Leg[]): Promise<Map<SeatClass, number>[]> {
    const answers: Map<SeatClass, number>[] = [];
    const places = legs.map((_, place) => place);
    await Promise.all(
      partiesOf(places, (place) => legs[place]!.run.runId).map(async (party) => {
        const { run } = legs[party[0]!]!;
        const { digest, classes, seatCounts } = layoutOfRun(run);
        const ways = party.map((place) => `${legs[place]!.fromStop} ${legs[place]!.toStop}`);
        const answer = await look(run, "available", [digest, ...ways]);
        party.forEach((place, n) => {
          const counts = answer === "PLAN" ? countsOfEmpty(classes, seatCounts) : numbersIn(answer[n] ?? "");
          answers[place] = new Map(answer === "GONE" ? [] : classes.map((seatClass, cls) => [seatClass, counts[cls]!]));
        });
      }),
    );
    return answers;
  }

  async function freeSeats({ run, fromStop, toStop }: Leg, seatClass: SeatClass): Promise<boolean[]> {
    const runLayout = layoutOfRun(run);
    const cls = classNumber(runLayout, seatClass);
    if (cls === 0) return [];
    const words = await look(run, "freeSeats", [runLayout.digest, cls, fromStop, toStop]);
    if (words === "GONE") return [];
    const isFree = (seat: number) => words === "PLAN" || ((Number(words[seat >>> 5]) >>> (seat & 31)) & 1) === 1;
    return Array.from({ length: runLayout.seatCounts[cls - 1]! }, (_, seat) => isFree(seat));
  }

  async function look(
    run: Run,
    what: "available" | "freeSeats",
    args: readonly (string | number)[],
  ): Promise<string[] | "PLAN" | "GONE"> {
    if (await isRetired(run)) return "GONE";
    const answer = (await library.call(what, keysOf(run.runId), args)) as string[] | RunState;
    if (answer === "CONFLICT") throw conflict(run);
    return answer;
  }

  // Ending ------------------------------------------------------------------------------------------------------------------

  async function overdue(now: EpochMs, limit: number, askAgainAt: EpochMs): Promise<HoldRef[]> {
    assert(askAgainAt > now, "an overdue hold is asked for again later");
    const found: HoldRef[] = [];
    const entries = await index.due(now);
    for (let next = 0; next < entries.length && found.length < limit;) {
      const left = limit - found.length;
      const some = entries.slice(next, (next += Math.min(runsAtOnceMax, left)));
      const share = Math.floor(left / some.length);
      const looks = await Promise.all(
        some.map(async ({ runId }) => ({ runId, ...(await overdueIn(runId, now, share, askAgainAt)) })),
      );
      found.push(...looks.flatMap(({ runId, holdIds }) => holdIds.map((holdId) => ({ runId, holdId }))));
      await index.noteDue(looks.flatMap(({ runId, nextAt }) => (nextAt === null ? [] : [{ runId, deadline: nextAt }])));
      await index.settle(some, now);
    }
    return found;
  }

  async function overdueIn(runId: RunId, now: EpochMs, limit: number, askAgainAt: EpochMs) {
    const [nextAt, ...holdIds] = (await library.call("overdue", keysOf(runId), [now, limit, askAgainAt])) as string[];
    return { nextAt: nextAt === "" ? null : Number(nextAt), holdIds: holdIds.map((id) => Number(id) as OrderId) };
  }

  async function retire(arrivedBefore: EpochMs): Promise<number> {
    await retired.raise(arrivedBefore);
    let forgotten = 0;
    for (;;) {
      const runIds = await index.arrivedBefore(arrivedBefore, runsAtOnceMax);
      if (runIds.length === 0) return forgotten;
      const gone = await Promise.all(runIds.map((runId) => library.call("retire", keysOf(runId), [goneForS])));
      await index.forget(runIds);
      for (const was of gone) forgotten += Number(was);
    }
  }

  return {
    hold,
    confirm,
    // No seats at all is nothing to give back, and would be read as all of them.
    release: async (ref, seatIndexes) => (seatIndexes?.length === 0 ? [] : release({ hold: ref, seatIndexes })),
    available,
    freeSeats,
    changedSince: news.since,
    restore: (holds) => putBack("restore", holds),
    books: { holds: ({ runId }) => known(runId), retake: (holds) => putBack("retake", holds) },
    overdue,
    retire,
  };
}

const arrivalOf = (run: Run): number => run.dayStart + run.train.stops.at(-1)!.arriveS * secondMs;

const layoutOfRun = (run: Run): Layout => layoutOf(run.train.composition, run.train.stops.length - 1);

const conflict = (run: Run) =>
  new Error(
    `run ${run.runId} has seats taken that lie otherwise than composition ${run.train.composition.code} says: ` +
      `its composition must not change once it is sold`,
  );

/** Those of one run together, in the order given, as many as one call may carry. */
function partiesOf<T>(items: readonly T[], runOf: (item: T) => RunId): (readonly T[])[] {
  return [...Map.groupBy(items, runOf).values()].flatMap((ofRun) => chunksOf(ofRun, commandsPerCallMax));
}

// As functions.lua reads and writes them -------------------------------------------------------------------------------------

function textOf(
  { holdId, seatClass, fromStop, toStop, deadline, preferences }: HoldCommand,
  runLayout: Layout,
): string {
  const wishes = wishesText(preferences);
  return `${holdId} ${classNumber(runLayout, seatClass)} ${fromStop} ${toStop} ${deadline} ${wishes}`;
}

function textOfRestored(hold: RestoredHold, runLayout: Layout): string {
  const { holdId, seatClass, fromStop, toStop, deadline, seatIndexes } = hold;
  return `${holdId} ${classNumber(runLayout, seatClass)} ${fromStop} ${toStop} ${deadline ?? 0} ${seatIndexes.join(",")}`;
}

/** "class from to deadline state live seats", `live` a bit a seat. */
function knownHold(holdId: OrderId, text: string): KnownHold {
  const [, , , , state, live, seats] = text.split(" ") as [string, string, string, string, string, string, string];
  const isLive = (_: number, place: number) => (Number(live) & (1 << place)) !== 0;
  return { holdId, seatIndexes: numbersIn(seats).filter(isLive), isConfirmed: state === "c" };
}

const textOfRelease = ({ holdId }: HoldRef, seatIndexes: readonly number[] | undefined): string =>
  seatIndexes ? `${holdId} ${seatIndexes.join(",")}` : String(holdId);

const numbersIn = (text: string): number[] => text.split(",").map(Number);
const seatsIn = (text: string): number[] => (text === "" ? [] : numbersIn(text));

const countsOfEmpty = (classes: readonly SeatClass[], seatCounts: readonly number[]): number[] =>
  seatCounts.map((count, cls) => (classes[cls] === "standing" ? 0 : count));

/** Seats, or the code of a refusal. How the party sits follows from its seats, so that a repeated answer is the first one. */
function answerOf({ run, seatClass, preferences }: HoldCommand, decided: string): Result<Held, Refusal> {
  const isRefusal = decided.charCodeAt(0) > "9".charCodeAt(0);
  if (isRefusal) return refuse(refusal(decided as Refusal["code"]));
  const seatIndexes = numbersIn(decided);
  const all = seatsOf(run.train.composition).get(seatClass)!;
  const seats = seatIndexes.map((seat) => all[seat]!);
  return ok({
    seatIndexes,
    together: togethernessOf(seats),
    granted: preferences.map((wish, n) => wish === null || seats[n]?.kind === wish || seats[n]?.mark === wish),
  });
}

function togethernessOf(seats: readonly Seat[]): Togetherness {
  const [first] = seats;
  if (seats.some(({ coachNo }) => coachNo !== first!.coachNo)) return "split";
  if (seats.some(({ row }) => row !== first!.row)) return "coach";
  const indexes = seats.map(({ index }) => index);
  return Math.max(...indexes) - Math.min(...indexes) === seats.length - 1 ? "adjacent" : "row";
}
