/** By what chances are told apart: spans of hours before a departure, lengths of ways, sizes of parties. */
import { hourMs, type EpochMs } from "@chepiao/kernel";

/** Span n is from `spanHours[n]` to `spanHours[n + 1]` hours before the departure. */
export const spanHours = [0, 1, 3, 6, 12, 24, 48, 72, 96, 144, 192, 288, 360, 720] as const;
export const spanCount = spanHours.length - 1;

export const hoursBefore = (departAt: EpochMs, at: EpochMs): number => (departAt - at) / hourMs;

/** The span in which the moment lies; the last where it is longer before. */
export function spanOf(hours: number): number {
  for (let span = spanCount - 1; span > 0; span--) if (spanHours[span]! <= hours) return span;
  return 0;
}

/** The edge that is nearest: an hour is far from three, and 200 are near 192. */
export function edgeNear(hours: number): number {
  let nearest = 0;
  for (let edge = 1; edge <= spanCount; edge++)
    if (apart(hours, spanHours[edge]!) < apart(hours, spanHours[nearest]!)) nearest = edge;
  return nearest;
}
const apart = (a: number, b: number) => Math.abs(Math.log((a + 0.5) / (b + 0.5)));

/** How many hours of the span lie between two moments before the departure. */
export const hoursWithin = (span: number, from: number, until: number): number =>
  Math.max(0, Math.min(from, spanHours[span + 1]!) - Math.max(until, spanHours[span]!));

/** Neighbouring stops; a few; more; most of a long train. */
export const wayLengthOf = ({ fromStop, toStop }: { readonly fromStop: number; readonly toStop: number }): number =>
  Math.min(3, Math.floor(Math.log2(toStop - fromStop)));

/** One, two, three or four, five and more: each finds its seats at once more seldom. */
export const partyOf = (passengers: number): number => (passengers <= 2 ? passengers : passengers <= 4 ? 3 : 5);

/** A tenth of the time that it may wait at most. */
export const isNew = (place: number, at: number, decideBy: number): boolean => (at - place) * 10 < decideBy - place;
