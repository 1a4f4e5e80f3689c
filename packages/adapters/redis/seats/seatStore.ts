/**
 * Seats on a Redis Cluster. A run is five keys on one node, changed by one function call, so that every hold is one step that no
 * other can come between. Commands of one run that come together travel in one call; those of different runs side by side.
 *
 * What a cluster cannot promise: a failover may lose the last writes that were already answered, at most some seconds of them.
 * Then Redis takes a seat for free that is sold. It is not sold twice, because the seat ledger in SQL, claimed before payment,
 * refuses the second order (I1); and `reload` with the orders of SQL brings back what was lost while the store is in use.
 */
import {
  type Availability,
  availabilityOfUntouched,
  type Grant,
  type Held,
  type HoldCommand,
  type HoldName,
  holdText,
  type Leg,
  type Need,
  needRefusal,
  offerRefusal,
  type OfferChange,
  type OverdueHold,
  type Refusal,
  refusal,
  type RecordedHold,
  type Run,
  type RunId,
  type SeatClass,
  ServiceUnavailable,
  type WaitlistStep,
} from "@chepiao/contracts";
import {
  assert,
  dayMs,
  type EpochMs,
  epochMs,
  grantTtlMs,
  type OrderId,
  passengersPerOrderMax,
  refuse,
  type Result,
  secondMs,
} from "@chepiao/kernel";
import type { KnownHold, SeatStore, SurplusSeats, Waitlists } from "@chepiao/ports/seat-store";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import bits from "./bits.lua" with { type: "text" };
import choose from "./choose.lua" with { type: "text" };
import functions from "./functions.lua" with { type: "text" };
import gaps from "./gaps.lua" with { type: "text" };
import layout from "./layout.lua" with { type: "text" };
import offers from "./offers.lua" with { type: "text" };
import recorded from "./recorded.lua" with { type: "text" };
import runText from "./run.lua" with { type: "text" };
import serving from "./serve.lua" with { type: "text" };
import waitlist from "./waitlist.lua" with { type: "text" };
import { chunksOf, orAway, together } from "../parts.ts";
import { createWatermark } from "../watermark.ts";
import { answerOf } from "./answers.ts";
import { createChangedRuns } from "./changedRuns.ts";
import { classNumber } from "./layout.ts";
import { availabilityIn, nothingForSale, textsOfOffer } from "./offers.ts";
import { knownHold, namesIn, seatsIn, textOf, textOfRecorded, textOfRelease } from "./holdTexts.ts";
import { createRunIndex } from "./runIndex.ts";
import { createRunLayouts, layoutOfRun } from "./runLayouts.ts";
import { groupIn, nameIn, stepIn, textOfNeed } from "./waitlist.ts";

/** Commands in one call: a node does nothing else meanwhile, so not for longer than a few milliseconds. */
const commandsPerCallMax = 64;
/** Who waits, read in pages, so that a node is never busy for long. */
const needsPerPage = 1_000;
/** Runs asked for overdue holds at one time. */
const runsAtOnceMax = 32;
/** A run that is gone is remembered for this long, should a command for it still be under way. */
const goneForS = dayMs / secondMs;

/** Who waits is served once before what the public may have is said, as a rule. */
const attemptsMax = 8;

/** What a function may say of the run instead of an answer. */
type RunState = "PLAN" | "GONE" | "CONFLICT" | "SERVE";

export type RedisSeatsOptions = {
  /** Told of runs that an operator has to look at. */
  readonly report?: (message: string) => void;
};

/** As the functions know them. */
const limits = `local grantTtlMs, partyMax = ${grantTtlMs}, ${passengersPerOrderMax}`;

const seatFunctions = {
  name: "seats",
  files: [limits, bits, layout, gaps, choose, offers, waitlist, runText, serving, recorded, functions],
  functions: {
    hold: "writes",
    confirm: "writes",
    release: "writes",
    reload: "writes",
    repair: "writes",
    open: "writes",
    setOffers: "writes",
    join: "writes",
    leave: "writes",
    serve: "writes",
    groups: "reads",
    ahead: "reads",
    overdue: "writes",
    retire: "writes",
    available: "reads",
    freeSeats: "reads",
  },
} as const;

export function createRedisSeats(redis: Redis, { report = () => {} }: RedisSeatsOptions = {}): SeatStore {
  const library = createLibrary(redis, seatFunctions);
  const index = createRunIndex(redis);
  const changedRunsFeed = createChangedRuns(redis);
  /** Runs that arrived before are sold no more, also those that nobody has listed. */
  const retired = createWatermark(redis, "runs-retired");
  const stampPrefix = Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString("base64url");
  let stampCount = 0;
  const listeners: ((step: WaitlistStep) => void)[] = [];

  const keysOf = (runId: RunId) =>
    ["holds", "taken", "due", "waiting", "needs"].map((part) => redis.key(`${part}:{${runId}}`));
  /** Never the same twice, by whomever: see run.lua. */
  const nextStamp = () => `${stampPrefix}${(stampCount++).toString(36)}`;
  const isRetired = async (run: Run) => arrivalOf(run) < (await retired.value());

  const layouts = createRunLayouts({
    open: (keys, args) => library.call("open", keys, args),
    keysOf,
    nextStamp,
    report,
  });

  /** What functions say behind their answers: that who waits was served, or that seats came back while somebody waited. */
  function tell(runId: RunId, at: EpochMs, texts: readonly string[]) {
    for (const text of texts) {
      const step: WaitlistStep = { runId, at, ...stepIn(text) };
      if (step.grants.length > 0) changedRunsFeed.changed(runId);
      for (const hear of listeners) hear(step);
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
    const unlisted = await index.noteApart(
      places.map((place) => {
        const { run, deadline } = commands[place]!;
        return { run, arrival: arrivalOf(run), deadline };
      }),
    );
    const parties = partiesOf(places, (place) => knownAs(commands[place]!.run));
    await Promise.all(
      parties.map(async (party) => {
        const decided = await holdOrAway(
          party.map((place) => commands[place]!),
          unlisted,
          now,
        );
        party.forEach(
          (place, n) => (answers[place] = decided.ok ? answerOf(commands[place]!, decided.value[n]!) : decided),
        );
        const { run } = commands[party[0]!]!;
        if (decided.ok) tell(run.runId, now, decided.value.slice(party.length));
        if (party.some((place) => answers[place]!.ok)) changedRunsFeed.changed(run.runId);
      }),
    );
    return answers;
  }

  /** A run whose master is away fails the commands for it alone. Where it is not listed nobody would find its overdue holds. */
  async function holdOrAway(
    commands: readonly HoldCommand[],
    unlisted: ReadonlyMap<RunId, ServiceUnavailable>,
    now: EpochMs,
  ): Promise<Result<string[], Refusal>> {
    const away = unlisted.get(commands[0]!.run.runId);
    if (away) return refuse(away.refusal);
    try {
      return await holdInRun(commands, now);
    } catch (error) {
      if (!(error instanceof ServiceUnavailable)) throw error;
      return refuse(error.refusal);
    }
  }

  function holdInRun(commands: readonly HoldCommand[], now: EpochMs): Promise<Result<string[], Refusal>> {
    const { run } = commands[0]!;
    const runLayout = layoutOfRun(run);
    const texts = commands.map((command) => textOf(command, runLayout));
    return layouts.callOrRefusal(run, (keys) =>
      library.call("hold", keys, [now, runLayout.digest, nextStamp(), ...texts]),
    );
  }

  async function confirm(holds: readonly HoldName[]) {
    const byRun = Map.groupBy(holds, ({ runId }) => runId);
    const calls = [...byRun].flatMap(([runId, refs]) =>
      chunksOf(refs, commandsPerCallMax).map((some) => library.call("confirm", keysOf(runId), some.map(holdText))),
    );
    await Promise.all(calls);
  }

  type Release = {
    readonly hold: HoldName;
    readonly now: EpochMs;
    readonly seatIndexes: readonly number[] | undefined;
  };
  const release = together<Release, readonly number[]>(async (releases) => {
    const freed: (readonly number[] | ServiceUnavailable)[] = [];
    const parties = partiesOf([...releases.keys()], (place) => releases[place]!.hold.runId);
    await Promise.all(
      parties.map(async (party) => {
        const answers = await orAway(party, releaseInRun(party.map((place) => releases[place]!)));
        party.forEach((place, n) => (freed[place] = answers[n]!));
      }),
    );
    return freed;
  });

  async function releaseInRun(releases: readonly Release[]): Promise<readonly (readonly number[])[]> {
    const { runId } = releases[0]!.hold;
    const texts = releases.map(({ hold: name, seatIndexes }) => textOfRelease(name, seatIndexes));
    const now = epochMs(Math.max(...releases.map((each) => each.now)));
    const answer = (await library.call("release", keysOf(runId), [now, nextStamp(), ...texts])) as string[];
    const freed = releases.map((_, n) => seatsIn(answer[n]!));
    tell(runId, now, answer.slice(releases.length));
    if (freed.some((seats) => seats.length > 0)) changedRunsFeed.changed(runId);
    return freed;
  }

  /** Those that hold anything, on runs that are not retired; their runs are looked at when they fall due. */
  async function noteRecorded(holds: readonly RecordedHold[]): Promise<RecordedHold[]> {
    const retiredBefore = await retired.value();
    const wanted = holds.filter(({ run, seatIndexes }) => seatIndexes.length > 0 && arrivalOf(run) >= retiredBefore);
    await index.note(wanted.map(({ run, deadline }) => ({ run, arrival: arrivalOf(run), deadline })));
    return wanted;
  }

  async function reload(holds: readonly RecordedHold[]): Promise<HoldName[]> {
    const wanted = await noteRecorded(holds);
    const lost = await Promise.all(
      partiesOf(wanted, ({ run }) => knownAs(run)).map(async (some) => {
        const { run } = some[0]!;
        const runLayout = layoutOfRun(run);
        const texts = some.map((each) => textOfRecorded(each, runLayout));
        const refused = await layouts.call(run, (keys) =>
          library.call("reload", keys, [runLayout.digest, nextStamp(), ...texts]),
        );
        changedRunsFeed.changed(run.runId);
        return refused;
      }),
    );
    return namesIn(holds, lost.flat());
  }

  async function repair(holds: readonly RecordedHold[], surplus: readonly SurplusSeats[] = []): Promise<HoldName[]> {
    const told = Map.groupBy(await noteRecorded(holds), ({ run }) => run.runId);
    const tooMuch = Map.groupBy(
      surplus.filter(({ seats }) => seats.length > 0),
      ({ hold: { runId } }) => runId,
    );
    const lacking = await Promise.all(
      [...new Set([...told.keys(), ...tooMuch.keys()])].map((runId) =>
        repairRun(runId, told.get(runId) ?? [], tooMuch.get(runId) ?? []),
      ),
    );
    return namesIn(holds, lacking.flat());
  }

  /**
   * Where one call may not carry it all, first what takes seats and gives none back. What is exchanged stays one step, however much that
   * is: between two, a seat that was let go could be sold to another than whom it is for.
   */
  async function repairRun(runId: RunId, holds: readonly RecordedHold[], surplus: readonly SurplusSeats[]) {
    if (holds.length + surplus.length <= commandsPerCallMax) return repairAtOnce(runId, holds, surplus);
    const exchanged = new Set(surplus.map((each) => holdText(each.hold)));
    const parts = chunksOf(
      holds.filter((each) => !exchanged.has(holdText(each))),
      commandsPerCallMax,
    );
    for (const lacking of await Promise.all(parts.map((some) => repairAtOnce(runId, some, []))))
      for (const text of lacking) exchanged.add(text);
    return repairAtOnce(
      runId,
      holds.filter((each) => exchanged.has(holdText(each))),
      surplus,
    );
  }

  async function repairAtOnce(runId: RunId, holds: readonly RecordedHold[], surplus: readonly SurplusSeats[]) {
    if (holds.length + surplus.length === 0) return [];
    const run = holds[0]?.run;
    const runLayout = run && layoutOfRun(run);
    const texts = [
      ...surplus.map(({ hold: name, seats }) => textOfRelease(name, seats)),
      ...holds.map((each) => textOfRecorded(each, runLayout!)),
    ];
    const call = (keys: string[]) =>
      library.call("repair", keys, [runLayout?.digest ?? "", nextStamp(), surplus.length, ...texts]);
    const lacking = run ? await layouts.call(run, call) : ((await call(keysOf(runId))) as string[]);
    changedRunsFeed.changed(runId);
    return lacking;
  }

  async function known(run: Run): Promise<KnownHold[]> {
    const [key] = keysOf(run.runId);
    const fields = await redis.ask((cluster) => cluster.hgetall(key!));
    // One that has grown may have classes that are not known here.
    const classes = (fields["classes"]?.split(",") as SeatClass[] | undefined) ?? layoutOfRun(run).classes;
    const holds = Object.entries(fields).filter(([field]) => /^\d/.test(field));
    return holds.map(([field, text]) => knownHold(field, text, classes));
  }

  async function setOffers(changes: readonly OfferChange[], now: EpochMs): Promise<(Refusal | null)[]> {
    const retiredBefore = await retired.value();
    const refused = changes.map((change) =>
      arrivalOf(change.run) < retiredBefore ? refusal("SaleClosed") : offerRefusal(change),
    );
    const places = [...changes.keys()].filter((place) => refused[place] === null);
    // So that they end with their run.
    await index.note(
      places.map((place) => ({ run: changes[place]!.run, arrival: arrivalOf(changes[place]!.run), deadline: null })),
    );
    const byRun = Map.groupBy(places, (place) => knownAs(changes[place]!.run));
    await Promise.all(
      [...byRun.values()].map(async (ofRun) => {
        // One call after the other, as they were given.
        for (const some of chunksOf(ofRun, commandsPerCallMax)) {
          const { run } = changes[some[0]!]!;
          const runLayout = layoutOfRun(run);
          const texts = some.flatMap((place) => textsOfOffer(changes[place]!, runLayout));
          const set = await layouts.callOrRefusal<string[] | "SAME" | "GONE">(run, (keys) =>
            library.call("setOffers", keys, [now, runLayout.digest, nextStamp(), ...texts]),
          );
          if (!set.ok) {
            for (const place of some) refused[place] = set.error;
            continue;
          }
          if (set.value === "SAME") continue;
          if (set.value === "GONE") for (const place of some) refused[place] = refusal("SaleClosed");
          else tell(run.runId, now, set.value);
          changedRunsFeed.changed(run.runId);
        }
      }),
    );
    return refused;
  }

  // Waitlists ---------------------------------------------------------------------------------------------------------------

  async function join(needs: readonly Need[], now: EpochMs): Promise<(Refusal | null)[]> {
    const retiredBefore = await retired.value();
    const refused = needs.map((need) =>
      arrivalOf(need.run) < retiredBefore ? refusal("SaleClosed") : needRefusal(need),
    );
    const places = [...needs.keys()].filter((place) => refused[place] === null);
    // While anybody waits the run is looked at again and again for grants whose time is over: functions.lua, `overdue`.
    const deadline = epochMs(now + grantTtlMs);
    await index.note(
      places.map((place) => ({ run: needs[place]!.run, arrival: arrivalOf(needs[place]!.run), deadline })),
    );
    const byRun = Map.groupBy(places, (place) => knownAs(needs[place]!.run));
    await Promise.all(
      [...byRun.values()].map(async (ofRun) => {
        const { run } = needs[ofRun[0]!]!;
        const runLayout = layoutOfRun(run);
        // One call after the other: who comes first is served first.
        for (const some of chunksOf(ofRun, commandsPerCallMax)) {
          const texts = some.map((place) => textOfNeed(needs[place]!, runLayout));
          const joined = await layouts.callOrRefusal<string[] | "GONE">(run, (keys) =>
            library.call("join", keys, [now, runLayout.digest, nextStamp(), runLayout.classes.join(","), ...texts]),
          );
          if (!joined.ok) for (const place of some) refused[place] = joined.error;
          else if (joined.value === "GONE") for (const place of some) refused[place] = refusal("SaleClosed");
          else tell(run.runId, now, joined.value);
        }
      }),
    );
    return refused;
  }

  async function leave(run: Run, names: readonly LineName[], how: "leave" | "forget" = "leave") {
    if (names.length === 0 || (await isRetired(run))) return;
    // So that it ends with its run.
    await index.note([{ run, arrival: arrivalOf(run), deadline: null }]);
    const keys = keysOf(run.runId);
    for (const some of chunksOf(names, commandsPerCallMax)) {
      await library.call("leave", keys, [nextStamp(), how, ...some.map(holdText)]);
    }
  }

  async function setWaitlist(run: Run, needs: readonly Need[], upTo: number, now: EpochMs) {
    if (!(await isRetired(run))) {
      // Nobody is forgotten who cannot join again.
      if (needs.length > 0) {
        await index.note([{ run, arrival: arrivalOf(run), deadline: null }]);
        await layouts.open(run);
      }
      await serve(run, now);
      const listed = new Set(needs.map(holdText));
      const unlisted = (await namesThatWait(run, upTo)).filter((name) => !listed.has(holdText(name)));
      await leave(run, unlisted, "forget");
    }
    const inOrder = needs.toSorted((a, b) => a.place - b.place || a.holdId - b.holdId || a.line - b.line);
    const answers = await join(inOrder, now);
    const refusals = new Map(inOrder.map((need, n) => [need, answers[n]!]));
    return needs.map((need) => refusals.get(need) ?? null);
  }

  async function namesThatWait(run: Run, upTo: number): Promise<LineName[]> {
    const key = keysOf(run.runId)[3]!;
    const names: LineName[] = [];
    for (let from = "-"; ;) {
      const page = await redis.ask((cluster) => cluster.zrange(key, from, "+", "BYLEX", "LIMIT", 0, needsPerPage));
      for (const text of page) {
        const [, place, name] = text.split("|") as [string, string, string];
        const [holdId, line] = name.split(":").map(Number) as [OrderId, number];
        if (Number(place) <= upTo) names.push({ holdId, line });
      }
      if (page.length < needsPerPage) return names;
      from = `(${page.at(-1)}`;
    }
  }

  async function serve(run: Run, now: EpochMs): Promise<EpochMs | null> {
    if (await isRetired(run)) return null;
    const { digest, olderDigests } = layoutOfRun(run);
    const answer = await library.call("serve", keysOf(run.runId), [now, nextStamp(), digest, ...olderDigests]);
    const [at, ...steps] = answer as string[];
    tell(run.runId, now, steps);
    return at === "" ? null : epochMs(Number(at));
  }

  async function grants(run: Run): Promise<Grant[]> {
    if (await isRetired(run)) return [];
    return (await known(run)).flatMap(({ isGrant, holdId, line, seatClass, fromStop, toStop, seatIndexes }) =>
      isGrant ? [{ holdId, line, seatClass, fromStop, toStop, seatIndexes }] : [],
    );
  }

  const waitlists: Waitlists = {
    join,
    leave: (run, names) => leave(run, names),
    set: setWaitlist,
    serve: (runs, now) => Promise.all(runs.map((run) => serve(run, now))),
    grants,
    async groups(run) {
      if (await isRetired(run)) return [];
      const texts = (await library.call("groups", keysOf(run.runId), [])) as string[];
      return texts.map(groupIn);
    },
    async ahead({ run, seatClasses, fromStop, toStop, place }) {
      if (await isRetired(run)) return 0;
      const ofRun = [seatClasses.join(","), fromStop, toStop, place];
      return Number(await library.call("ahead", keysOf(run.runId), ofRun));
    },
    hear: (listener) => void listeners.push(listener),
  };

  // Looking -----------------------------------------------------------------------------------------------------------------

  async function available(legs: readonly Leg[], now: EpochMs): Promise<Availability[]> {
    const answers: Availability[] = [];
    const places = legs.map((_, place) => place);
    await Promise.all(
      partiesOf(places, (place) => knownAs(legs[place]!.run)).map(async (party) => {
        const { run } = legs[party[0]!]!;
        const runLayout = layoutOfRun(run);
        const ways = party.map((place) => `${legs[place]!.fromStop} ${legs[place]!.toStop}`);
        const askNow = () => ask(run, "available", [now, runLayout.digest, ...ways]);
        let answer = await askNow();
        for (let attempt = 0; answer === "SERVE" && attempt < attemptsMax; attempt++) {
          await serve(run, now);
          answer = await askNow();
        }
        if (answer === "SERVE") throw new ServiceUnavailable("seats", `who waits for ${run.runId} is being served`);
        party.forEach((place, n) => {
          if (answer === "GONE") answers[place] = new Map();
          else if (answer === "CONFLICT") answers[place] = nothingForSale(runLayout);
          else if (answer === "PLAN") answers[place] = availabilityOfUntouched(run.train.composition);
          else answers[place] = availabilityIn(answer[n]!, runLayout);
        });
      }),
    );
    return answers;
  }

  async function freeSeats({ run, fromStop, toStop }: Leg, seatClass: SeatClass): Promise<boolean[]> {
    const runLayout = layoutOfRun(run);
    const cls = classNumber(runLayout, seatClass);
    if (cls === 0) return [];
    const words = await ask(run, "freeSeats", [runLayout.digest, cls, fromStop, toStop]);
    if (words === "GONE" || words === "SERVE") return [];
    const isFree = (seat: number) =>
      words !== "CONFLICT" && (words === "PLAN" || ((Number(words[seat >>> 5]) >>> (seat & 31)) & 1) === 1);
    return Array.from({ length: runLayout.seatCounts[cls - 1]! }, (_, seat) => isFree(seat));
  }

  /** Who only looks is not failed by a run whose seats are others: to him nothing of it is for sale. */
  async function ask(
    run: Run,
    what: "available" | "freeSeats",
    args: readonly (string | number)[],
  ): Promise<string[] | RunState> {
    if (await isRetired(run)) return "GONE";
    const keys = keysOf(run.runId);
    const askNow = async () => (await library.call(what, keys, args)) as string[] | RunState;
    const answer = await askNow();
    const isToGrow = run.train.composition.replaces && (answer === "CONFLICT" || answer === "PLAN");
    if (!isToGrow && answer !== "CONFLICT") return answer;
    try {
      // Not to be shown as if nothing were sold or set.
      await index.note([{ run, arrival: arrivalOf(run), deadline: null }]);
      await layouts.open(run);
    } catch (error) {
      layouts.refusalFor(run, error);
      return "CONFLICT";
    }
    return askNow();
  }

  // Ending ------------------------------------------------------------------------------------------------------------------

  async function overdue(now: EpochMs, limit: number, askAgainAt: EpochMs): Promise<OverdueHold[]> {
    assert(askAgainAt > now, "an overdue hold is asked for again later");
    const found: OverdueHold[] = [];
    const entries = await index.due(now);
    for (let next = 0; next < entries.length && found.length < limit;) {
      const left = limit - found.length;
      const some = entries.slice(next, (next += Math.min(runsAtOnceMax, left)));
      const share = Math.floor(left / some.length);
      const probes = await Promise.all(
        some.map(async ({ runId }) => ({ runId, ...(await overdueIn(runId, now, share, askAgainAt)) })),
      );
      found.push(...probes.flatMap(({ runId, holds }) => holds.map((text) => ({ runId, ...nameIn(text) }))));
      await index.noteDue(
        probes.flatMap(({ runId, nextAt }) => (nextAt === null ? [] : [{ runId, deadline: nextAt }])),
      );
      await index.settle(some, now);
    }
    return found;
  }

  async function overdueIn(runId: RunId, now: EpochMs, limit: number, askAgainAt: EpochMs) {
    const [nextAt, ...holds] = (await library.call("overdue", keysOf(runId), [now, limit, askAgainAt])) as string[];
    return { nextAt: nextAt === "" ? null : Number(nextAt), holds };
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
    release: async (ref, now, seatIndexes) =>
      seatIndexes?.length === 0 ? [] : release({ hold: ref, now, seatIndexes }),
    setOffers,
    waitlists,
    available,
    freeSeats,
    changedRuns: changedRunsFeed.since,
    reload,
    holdsView: { holds: known, repair },
    overdue,
    retire,
  };
}

type LineName = Pick<HoldName, "holdId" | "line">;

const arrivalOf = (run: Run): number => run.dayStart + run.train.stops.at(-1)!.arriveS * secondMs;

/** A run, and how its seats are known to lie: what comes together may have been planned before it grew and after. */
const knownAs = (run: Run): string => `${run.runId} ${layoutOfRun(run).digest}`;

/** Those of one run together, in the order given, as many as one call may carry. */
function partiesOf<T>(items: readonly T[], runOf: (item: T) => string): (readonly T[])[] {
  return [...Map.groupBy(items, runOf).values()].flatMap((ofRun) => chunksOf(ofRun, commandsPerCallMax));
}
