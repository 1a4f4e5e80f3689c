/** How the seats of a composition lie, as layout.lua reads it: sent once for each run, so small and self-contained. */
import { createHash } from "node:crypto";
import {
  type Composition,
  placeName,
  type Seat,
  type SeatClass,
  seatCountsBefore,
  seatPreferences,
  seatsOf,
  type SeatPreference,
  standingParent,
} from "@chepiao/contracts";

export type Layout = {
  readonly text: string;
  /** Two runs whose seats lie alike have the same. */
  readonly digest: string;
  readonly classes: readonly SeatClass[];
  readonly seatCounts: readonly number[];
  /** Of each class, how many seats are not new; and layouts that it may have grown from, the last first. */
  readonly seatCountsBefore: readonly number[];
  readonly olderDigests: readonly string[];
};

/** Wishes are one character each, and "." for none. Stored with runs: a character keeps its meaning for ever. */
const wishCharacters: Record<SeatPreference, string> = {
  window: "w",
  aisle: "a",
  A: "A",
  B: "B",
  C: "C",
  D: "D",
  F: "F",
  lower: "l",
  middleBerth: "m",
  upper: "u",
};

export const wishesText = (preferences: readonly (SeatPreference | null)[]): string =>
  preferences.map((wish) => (wish === null ? "." : wishCharacters[wish])).join("");

const known = new WeakMap<Composition, Map<number, Layout>>();

export function layoutOf(composition: Composition, segments: number): Layout {
  const bySegments = known.get(composition) ?? new Map<number, Layout>();
  known.set(composition, bySegments);
  const layout = bySegments.get(segments) ?? createLayout(composition, segments);
  bySegments.set(segments, layout);
  return layout;
}

/** Lua counts from 1; 0 is a class that the run does not have. */
export const classNumber = (layout: Layout, seatClass: SeatClass): number => layout.classes.indexOf(seatClass) + 1;

function createLayout(composition: Composition, segments: number): Layout {
  const seats = seatsOf(composition);
  const classes = [...seats.keys()];
  const parent = standingParent(composition);
  const text = JSON.stringify({
    segments,
    standing: classes.indexOf("standing") + 1,
    parent: parent === null ? 0 : classes.indexOf(parent) + 1,
    classes: [...seats.values()].map(rowsOf),
  });
  const older = composition.replaces && layoutOf(composition.replaces, segments);
  const digest = older ? grownDigest(older, text, seats) : digestOf(text);
  return {
    text,
    digest,
    classes,
    seatCounts: [...seats.values()].map((each) => each.length),
    seatCountsBefore: [...seatCountsBefore(composition).values()],
    olderDigests: older ? [older.digest, ...older.olderDigests].filter((each) => each !== digest) : [],
  };
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 8);

/**
 * Two compositions that replace the same may add seats that lie alike and are others, as where the classes of a coach are the other way round. So what
 * the seats are is in it, too; not where nothing was replaced, because runs are sold by what was written before.
 */
function grownDigest(older: Layout, text: string, seats: ReadonlyMap<SeatClass, readonly Seat[]>): string {
  return text === older.text
    ? older.digest
    : digestOf(JSON.stringify([text, ...[...seats.values()].map((all) => all.map(placeName))]));
}

type Row = { readonly coachNo: number; readonly row: number; readonly places: string[] };
type Rows = [coachNo: number, places: readonly string[], howMany: number];

/** Equal rows of a coach that follow each other are said once. */
function rowsOf(seats: readonly Seat[]): Rows[] {
  const rows: Row[] = [];
  for (const { coachNo, row, ...seat } of seats) {
    const last = rows.at(-1);
    if (last?.coachNo === coachNo && last.row === row) last.places.push(wishesAnsweredBy(seat));
    else rows.push({ coachNo, row, places: [wishesAnsweredBy(seat)] });
  }
  const groups: Rows[] = [];
  for (const { coachNo, places } of rows) {
    const last = groups.at(-1);
    if (last && last[0] === coachNo && last[1].join() === places.join()) last[2]++;
    else groups.push([coachNo, places, 1]);
  }
  return groups;
}

const wishesAnsweredBy = ({ kind, mark }: Pick<Seat, "kind" | "mark">): string =>
  seatPreferences
    .filter((wish) => wish === kind || wish === mark)
    .map((wish) => wishCharacters[wish])
    .join("");
