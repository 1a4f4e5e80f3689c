/** A trip as the feed's files give it, piece by piece. */
import type { StopSide } from "@chepiao/contracts";
import type { DistanceStop } from "./distance.ts";

export type Route = {
  readonly id: string;
  /** What its trips are called where they have no number; empty where it has no short name. */
  readonly name: string;
  readonly type: number;
  readonly isTaken: boolean;
  /** Whose it is, and what fares hold on it; empty where the feed does not say. */
  readonly agencyId: string;
  readonly networkId: string;
};

export type Trip = {
  readonly tripId: string;
  readonly shortName: string;
  readonly route: Route;
  readonly serviceId: string;
  /** Trips of one block are one train after the other, and a passenger who is in it may stay. */
  readonly blockId: string;
  readonly stops: RawStop[];
};
export type RawStop = {
  readonly sequence: number;
  /** A platform, where the feed knows platforms. */
  readonly stopId: string;
  readonly stationId: string;
  arriveS: number | null;
  departS: number | null;
  readonly given: number | null;
  /** Passengers may get on, and off. */
  boards: boolean;
  alights: boolean;
  readonly line: number;
};

/** A trip whose stops hold together. */
export type WholeTrip = { readonly trip: Trip; readonly stops: readonly WholeStop[] };
export type WholeStop = DistanceStop & {
  readonly sequence: number;
  readonly stopId: string;
  readonly stationId: string;
  readonly closedTo: StopSide | undefined;
  /** On which the train goes on from there. */
  readonly route: Route;
};

/** When the trains of a trip leave its first stop, rising. */
export type Departures = ReadonlyMap<string, readonly number[]>;

/** `HH:MM:SS`, past 24 hours too; not a number where it is no time. */
export function secondsOf(text: string): number {
  const match = /^(\d{1,3}):([0-5]\d):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]) : Number.NaN;
}
