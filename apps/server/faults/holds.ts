/** The holds of a run as Redis has them, read without asking the platform: see packages/adapters/redis/seats/functions.lua. */
import type { Redis } from "@chepiao/adapters/redis";

export type Hold = {
  /** The id of its order, whether or not it ever became one. */
  readonly id: number;
  readonly runId: string;
  readonly fromStop: number;
  readonly toStop: number;
  /** When it is looked at; 0 for one that is paid for. */
  readonly deadline: number;
  /** Those that were not given back. */
  readonly seats: readonly number[];
};

/** Those that have a seat still. */
export async function holdsOn({ ask, key }: Redis, runId: string): Promise<Hold[]> {
  const fields = await ask((cluster) => cluster.hgetall(key(`holds:{${runId}}`)));
  return Object.entries(fields)
    .filter(([name]) => /^\d+$/.test(name))
    .map(([id, text]) => holdOf(Number(id), runId, text))
    .filter(({ seats }) => seats.length > 0);
}

/** "class from to deadline state live seats": `live` has a bit for each seat in the list. */
function holdOf(id: number, runId: string, text: string): Hold {
  const [, from, to, deadline, , live, places] = text.split(" ");
  const isLive = (place: number) => Math.floor(Number(live) / 2 ** place) % 2 === 1;
  return {
    id,
    runId,
    fromStop: Number(from),
    toStop: Number(to),
    deadline: Number(deadline),
    seats: places!
      .split(",")
      .map(Number)
      .filter((_, place) => isLive(place)),
  };
}
