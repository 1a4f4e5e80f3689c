/** What came of a rehearsal, as figures: who got seats, how fair that was, and which promise was kept. */
import { rankCorrelation } from "@chepiao/kernel";
import type { Crowd } from "./crowd.ts";
import type { FaultFigures } from "./faults.ts";
import { type Outcome, outcomes, type Road, type Rows } from "./road.ts";
import { type RefusalFigures, type StepFigures, stoppedBy } from "./tally.ts";

export type Promised = {
  /** A goal is also missed on a machine that is too small, or once in a thousand times by chance. */
  readonly kind: "goal" | "promise";
  readonly name: string;
  /** Null where it cannot be told by so few. */
  readonly kept: boolean | null;
  readonly figure: string;
};

type Group = {
  readonly accounts: number;
  /** Documents that they have: so many persons at most. */
  readonly persons: number;
  readonly lots: number;
  readonly seats: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
};

export type Rehearsed = {
  readonly run: string;
  readonly seatClass: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly machine: Readonly<Record<string, number | string>>;
  readonly settings: {
    /** What the platform of the rehearsal stood on. */
    readonly engines: "cluster" | "embedded";
    readonly collectSeconds: number;
    readonly perMinute: number;
    readonly inside: number;
    readonly connections: number;
    readonly haste: number;
  };
  /** Everything that was simulated otherwise than in life. */
  readonly simplified: readonly string[];
  readonly seconds: { readonly accounts: number; readonly opening: number };
  readonly stock: number;
  /** Seconds from the opening; null where it was not so. */
  readonly soldOutAfter: number | null;
  readonly sold: {
    readonly bought: number;
    readonly ticketed: number;
    readonly heldUnpaid: number;
    readonly cancelled: number;
    /** By the books. */
    readonly taken: number;
    readonly free: number | null;
  };
  readonly people: Group;
  readonly bots: Group;
  readonly fairness: Fairness;
  readonly steps: readonly StepFigures[];
  readonly requests: {
    readonly answers: number;
    readonly perSecond: number;
    readonly generatorLateMs: number;
    readonly cpuSeconds: { readonly generator: number; readonly platform: number };
  };
  readonly refusals: readonly RefusalFigures[];
  /** That were ordered and have happened. */
  readonly faults: readonly FaultFigures[];
  readonly stoppedBy: Readonly<Record<string, { readonly people: number; readonly bots: number }>>;
  readonly timeline: readonly {
    readonly second: number;
    readonly joined: number;
    readonly cameIn: number;
    readonly bought: number;
  }[];
  readonly promises: readonly Promised[];
};

export type Fairness = {
  /** Mean place of the first and the last quarter of those who took a lot, as a share of all lots: a draw has 0.5 for both. */
  readonly meanPlaceOfFirstQuarter: number | null;
  readonly meanPlaceOfLastQuarter: number | null;
  /** How far the two are apart, in standard deviations of a draw. */
  readonly deviations: number | null;
  /** Between place and moment of coming in, over all who came in: 1 is in the order of places. */
  readonly rankCorrelation: number | null;
  readonly overtakes: number;
  /** Who was told another place than the published draw gives him. */
  readonly otherPlaces: number;
  /** Of people who took a lot, by network. */
  readonly slow: { readonly lots: number; readonly cameIn: number; readonly seats: number };
  readonly fast: { readonly lots: number; readonly cameIn: number; readonly seats: number };
  /** Of accounts, of persons, and of seats: what many accounts are worth. */
  readonly botShare: {
    readonly accounts: number;
    readonly persons: number;
    readonly lots: number;
    readonly seats: number;
  };
};

const seated = ["ticket", "leftUnpaid"].map((each) => outcomes.indexOf(each as Outcome));

export type Told = {
  readonly road: Road;
  readonly crowd: Crowd;
  /** From the start, in milliseconds. */
  readonly opensMs: number;
  /** Places by lot, as the draw was published; empty where it was not. */
  readonly placeOfLot: ReadonlyMap<string, number>;
};

export function groupOf({ road: { rows }, opensMs }: Told, from: number, until: number, persons: number): Group {
  const counted: Partial<Record<Outcome, number>> = {};
  let [lots, seats] = [0, 0];
  for (let row = from; row < until; row++) {
    const how = outcomes[rows.outcome[row]!]!;
    counted[how] = (counted[how] ?? 0) + 1;
    if (rows.joinedMs[row]! < opensMs) lots++;
    if (seated.includes(rows.outcome[row]!)) seats++;
  }
  return { accounts: until - from, persons, lots, seats, outcomes: counted };
}

export type Groups = { readonly people: Group; readonly bots: Group };

export function fairnessOf({ road, crowd, opensMs, placeOfLot }: Told, { people, bots }: Groups): Fairness {
  const { rows } = road;
  const all = Array.from({ length: crowd.size }, (_, row) => row);
  const cameIn = all.filter((row) => !Number.isNaN(rows.insideMs[row]!));
  const ofNetwork = (isSlow: boolean) => {
    const some = all.filter(
      (row) => !crowd.isBot(row) && crowd.isSlow(row) === isSlow && rows.joinedMs[row]! < opensMs,
    );
    return {
      lots: some.length,
      cameIn: some.filter((row) => !Number.isNaN(rows.insideMs[row]!)).length,
      seats: some.filter((row) => seated.includes(rows.outcome[row]!)).length,
    };
  };
  const share = (read: (group: Group) => number) => rounded(read(bots) / Math.max(1, read(bots) + read(people)));
  return {
    ...drawByArrival(
      all
        .map((row) => ({ joinedMs: rows.joinedMs[row]!, place: placeOfLot.get(rows.lotOf(row)) }))
        .filter((each): each is { joinedMs: number; place: number } => each.place !== undefined),
    ),
    rankCorrelation:
      cameIn.length < leastToTell
        ? null
        : rounded(rankCorrelation(cameIn.map((row) => ({ place: rows.place[row]!, at: rows.insideMs[row]! })))),
    overtakes: road.overtakes(),
    otherPlaces: all.filter(
      (row) => rows.place[row]! > 0 && (placeOfLot.get(rows.lotOf(row)) ?? rows.place[row]) !== rows.place[row],
    ).length,
    slow: ofNetwork(true),
    fast: ofNetwork(false),
    botShare: {
      accounts: share(({ accounts }) => accounts),
      persons: share(({ persons }) => persons),
      lots: share(({ lots }) => lots),
      seats: share(({ seats }) => seats),
    },
  };
}

/** Has who came first a better place? */
function drawByArrival(drawn: readonly { readonly joinedMs: number; readonly place: number }[]) {
  const quarter = Math.floor(drawn.length / 4);
  if (quarter < leastToTell) return { meanPlaceOfFirstQuarter: null, meanPlaceOfLastQuarter: null, deviations: null };
  const inTurn = drawn.toSorted((a, b) => a.joinedMs - b.joinedMs);
  const mean = (some: typeof drawn) => some.reduce((sum, { place }) => sum + place, 0) / some.length / drawn.length;
  const [first, last] = [mean(inTurn.slice(0, quarter)), mean(inTurn.slice(-quarter))];
  return {
    meanPlaceOfFirstQuarter: rounded(first),
    meanPlaceOfLastQuarter: rounded(last),
    // A place is uniform over the lots: variance 1/12 each, of a mean divided by how many there are.
    deviations: rounded(Math.abs(first - last) / Math.sqrt(2 / 12 / quarter)),
  };
}

/** Fewer say nothing about a draw. */
const leastToTell = 25;

/** Those whom each part of the platform turned away, counted by answers. */
export function stoppedIn(refusals: readonly RefusalFigures[]): Rehearsed["stoppedBy"] {
  const stopped: Record<string, { people: number; bots: number }> = {};
  for (const { code, people, bots } of refusals) {
    const row = (stopped[stoppedBy(code)] ??= { people: 0, bots: 0 });
    row.people += people;
    row.bots += bots;
  }
  return stopped;
}

export function timelineOf({ joinedMs, insideMs, boughtMs }: Rows): Rehearsed["timeline"] {
  const seconds: { second: number; joined: number; cameIn: number; bought: number }[] = [];
  const count = (times: Float64Array, what: "bought" | "cameIn" | "joined") => {
    for (const at of times) {
      if (Number.isNaN(at)) continue;
      const second = Math.floor(at / 1_000);
      for (let n = seconds.length; n <= second; n++) seconds.push({ second: n, joined: 0, cameIn: 0, bought: 0 });
      seconds[second]![what]++;
    }
  };
  count(joinedMs, "joined");
  count(insideMs, "cameIn");
  count(boughtMs, "bought");
  return seconds;
}

/** When as many were bought as there were seats, in seconds from the opening. */
export function soldOutAfter({ boughtMs }: Rows, stock: number, opensMs: number): number | null {
  const at = boughtMs.filter((each) => !Number.isNaN(each)).toSorted();
  return stock > 0 && at.length >= stock ? rounded((at[stock - 1]! - opensMs) / 1_000) : null;
}

/** Two networks, one chance: how far the shares of those who came in are apart, in standard deviations. */
export function networksApart({ slow, fast }: Fairness): number | null {
  const n = slow.lots + fast.lots;
  const share = (slow.cameIn + fast.cameIn) / n;
  const spread = Math.sqrt(share * (1 - share) * (1 / slow.lots + 1 / fast.lots));
  if (slow.lots < leastToTell || fast.lots < leastToTell || spread === 0) return null;
  return rounded((fast.cameIn / fast.lots - slow.cameIn / slow.lots) / spread);
}

export const rounded = (value: number) => Number(value.toPrecision(4));
