/**
 * How a piece came to its place: what no hand does, and programs do. Pure. It is one sign of several, and none by which a person could be known: who
 * has recorded people, and shakes what he has recorded, is not told from them here.
 */
import { hash } from "node:crypto";
import type { SlideDrag } from "@chepiao/contracts";

export type DragDoubt = "tooFew" | "tooQuick" | "tooEven" | "tooStraight" | "elsewhere";

/** A hand on the slowest screen is seen at more places than that. */
const pointsMin = 6;
/** No key moves the piece so far that fewer presses do. */
const keyPointsMin = 4;
/** Nobody has seen where the hole is, and dragged a piece there, within this. */
const dragMsMin = 200;
/** How far speeds of a hand differ from each other, as a part of their mean; a program's hardly do. */
const speedSpreadMin = 0.2;
/** The clocks of browsers tell whole milliseconds, and screens come at even times: times alone prove nothing. */
const pauseSpreadMin = 0.02;

/** Null where a hand may have done it. */
export function doubtOf({ by, points }: SlideDrag, left: number): DragDoubt | null {
  const [first, last] = [points[0]!, points.at(-1)!];
  const isInOrder = points.every((point, n) => n === 0 || point[0]! >= points[n - 1]![0]!);
  if (first[1] !== 0 || last[1] !== left || !isInOrder) return "elsewhere";
  if (last[0]! - first[0]! < dragMsMin) return "tooQuick";
  // A key that is held down comes evenly, and moves by steps.
  if (by === "keys") return points.length < keyPointsMin ? "tooFew" : null;
  if (points.length < pointsMin) return "tooFew";
  const steps = points.slice(1).map((point, n) => ({
    ms: Math.max(1, point[0]! - points[n]![0]!),
    far: point[1]! - points[n]![1]!,
  }));
  if (spreadOf(steps.map(({ ms, far }) => far / ms)) < speedSpreadMin) return "tooEven";
  const isLevel = points.every((point) => point[2] === first[2]);
  return isLevel && spreadOf(steps.map(({ ms }) => ms)) < pauseSpreadMin ? "tooStraight" : null;
}

/** The same drag, wherever on the screen it was; null where it says too little to be anybody's own. */
export function traceOf({ by, points }: SlideDrag): string | null {
  if (by === "keys") return null;
  const [ms, x, y] = points[0]! as [number, number, number];
  const from = points.map((point) => [point[0]! - ms, point[1]! - x, point[2]! - y].join(" "));
  return hash("sha256", from.join("\n"), "base64url");
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return mean === 0 ? Infinity : Math.sqrt(square) / Math.abs(mean);
}
