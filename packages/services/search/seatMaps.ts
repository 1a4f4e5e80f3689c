/**
 * Seat maps, drawn at most once in half a second each, however often and however spelled they are asked for: to draw one is the
 * dearest thing that search does, and on a cluster a call to another process besides. What a map says was true less than half a
 * second ago, as with pages of offers; a seat is given by the engine that sells it and not by what a map showed.
 */
import type { InventoryClient, Leg, Reply, Run, Seat, SeatClass, SeatMap } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import { tickOf } from "./pages.ts";
import { createGenerationCache } from "./generationCache.ts";

/** Some hundred maps of the longest trains. */
const mapsBytesMax = 32 * 2 ** 20;
/** A seat takes about 60 letters, a map without seats and what is remembered of it less than this. */
const seatBytes = 64;
const mapBytes = 1_000;

export type SeatMapAsked = {
  readonly leg: Leg;
  readonly seatClass: SeatClass;
  /** Those of that class that the train has. What another composition has added is behind what there was before. */
  readonly seats: readonly Seat[];
};

type Drawn = {
  /** The half second in which it was drawn; -1 where that failed. */
  tick: number;
  readonly reply: Promise<Reply>;
};

const encoder = new TextEncoder();

export function createSeatMaps(inventory: Pick<InventoryClient, "freeSeats">) {
  const maps = createGenerationCache<Drawn>(mapsBytesMax);

  async function draw({ leg, seatClass, seats }: SeatMapAsked): Promise<Reply> {
    const map = seatMapOf(leg.run, seatClass, seats, await inventory.freeSeats(leg, seatClass));
    return { status: 200, raw: "json", body: encoder.encode(JSON.stringify(map)) };
  }

  return (asked: SeatMapAsked, now: EpochMs): Promise<Reply> => {
    const { leg, seatClass, seats } = asked;
    const { runId, train } = leg.run;
    // A newer timetable brings a run in another version, with stops and seats of its own.
    const key = JSON.stringify([runId, train.trainVersionId, leg.fromStop, leg.toStop, seatClass]);
    const tick = tickOf(now);
    const known = maps.get(key);
    if (known?.tick === tick) return known.reply;
    const drawn: Drawn = { tick, reply: draw(asked) };
    maps.put(key, drawn, mapBytes + seats.length * seatBytes);
    // The next request tries again.
    drawn.reply.catch(() => (drawn.tick = -1));
    return drawn.reply;
  };
}

function seatMapOf(
  { train, originDate }: Run,
  seatClass: SeatClass,
  seats: readonly Seat[],
  free: readonly boolean[],
): SeatMap {
  const byCoach = Map.groupBy(seats, (seat) => seat.coachNo);
  return {
    trainNumber: train.trainNumber,
    originDate,
    seatClass,
    free: seats.filter(({ index }) => free[index]).length,
    coaches: inOrder(byCoach).map(([coachNo, ofCoach]) => ({
      coachNo,
      rows: inOrder(Map.groupBy(ofCoach, (seat) => seat.row)).map(([row, ofRow]) => ({
        row,
        seats: ofRow.map(({ index, mark, kind }) => ({ index, mark, kind, free: free[index] ?? false })),
      })),
    })),
  };
}

const inOrder = <T>(byNumber: ReadonlyMap<number, T>): [number, T][] => [...byNumber].toSorted(([a], [b]) => a - b);
