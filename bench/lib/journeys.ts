/** Which journeys are asked for, and how often: every pair of stations that a train joins, on the days on sale, by Zipf. */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { addDays, createPrng, dateIn, epochMs, parseZone, type Prng } from "@chepiao/kernel";

export type Journey = { readonly from: string; readonly to: string; readonly date: string };

export const pathOf = ({ from, to, date }: Journey): string => `/api/search/tickets?from=${from}&to=${to}&date=${date}`;

/** Days ahead that are asked for: all of them are on sale the whole time. */
export const [firstDay, lastDay] = [1, 13];

/** Distinct journeys, in order of popularity, which chance decides: long and short pages at every rank. */
export function drawJourneys(dataDir: string, count: number, prng: Prng): Journey[] {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  const pairs = books
    .query(
      `select distinct a.station_id as "from", b.station_id as "to" from t_train_stop a
       join t_train_stop b on b.train_id = a.train_id and b.stop_index > a.stop_index where a.station_id <> b.station_id`,
    )
    .all() as { from: string; to: string }[];
  const today = dateIn(parseZone("Asia/Shanghai")!, epochMs(Date.now()));
  const journeys = new Map<string, Journey>();
  while (journeys.size < count) {
    const { from, to } = prng.pick(pairs);
    const date = addDays(today, firstDay + prng.below(lastDay - firstDay + 1));
    journeys.set(`${from} ${to} ${date}`, { from, to, date });
  }
  return [...journeys.values()];
}

/** Draws ranks so that the first is drawn n times as often as the nth. */
export function createZipf(count: number, seed: number): () => number {
  const prng = createPrng(seed);
  const upTo = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) upTo[rank] = sum += 1 / (rank + 1);
  return () => {
    const at = prng.next() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
