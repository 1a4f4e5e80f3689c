/**
 * The seat engine on one thread. `bun bench/engine.ts` prints the table; every row is the best of five runs after a warm-up,
 * on 5 trains of 8 coaches with 100 seats each, 10 stops, unless it says otherwise.
 *
 * The 60/30/10 mix holds more than it gives back, so it soon runs on sold-out trains, as on a sale day; `steady` gives back as
 * many as it holds, and nearly every hold succeeds.
 */
import {
  addHold,
  addRun,
  bytesPerRun,
  createHoldTable,
  createLayout,
  createStock,
  free,
  heldSeats,
  hold,
  holdTableBytes,
  type Layout,
  publicSale,
  release,
  setGate,
  setQuotas,
  type Stock,
} from "@chepiao/engine";
import { createPrng } from "@chepiao/kernel";

export type BenchRow = { readonly name: string; readonly value: number; readonly unit: string; readonly note?: string };

const trains = 5;
const stops = 10;
const wishes = new Uint8Array(5);
const scriptLength = 1 << 20;

const secondClass = (seatCount: number): Layout =>
  createLayout({
    seatCount,
    rowOf: (seat) => Math.floor(seat / 5),
    coachOf: (seat) => Math.floor(seat / 100),
    wishes: [
      { rank: 0, has: (seat) => seat % 5 === 0 },
      { rank: 1, has: (seat) => seat % 5 === 0 || seat % 5 === 4 },
    ],
  });

/** Where a step is or a seat is held, packed: seat (10 bits), train (4), from (6), to (6), action (2). */
const pack = (seat: number, train: number, from: number, to: number, action: number) =>
  seat | (train << 10) | (from << 14) | (to << 20) | (action << 26);

/** What each step does, drawn beforehand so that drawing is not what is measured. */
function script(holdShare: number, releaseShare: number, segments: number): Int32Array {
  const random = createPrng(1);
  return Int32Array.from({ length: scriptLength }, () => {
    const draw = random.next();
    const from = random.below(segments);
    const to = from + 1 + random.below(segments - from);
    return pack(0, random.below(trains), from, to, draw < holdShare ? 1 : draw < holdShare + releaseShare ? 2 : 0);
  });
}

/** Plays the script; `held` is a ring of what is held, oldest given back first. Answers how many holds succeeded. */
function play(stock: Stock, steps: Int32Array, held: Int32Array, party: number): number {
  let [seen, holds, start, end] = [0, 0, 0, 0];
  for (let i = 0; i < scriptLength; i++) {
    const step = steps[i]!;
    const train = (step >> 10) & 15;
    const from = (step >> 14) & 63;
    const to = (step >> 20) & 63;
    if (step >> 26 === 0) seen += free(stock, train, 0, from, to);
    else if (step >> 26 === 1) {
      if (hold(stock, train, 0, from, to, party, wishes, publicSale, 2) < 0) continue;
      holds++;
      for (let p = 0; p < party; p++) held[end++ & (held.length - 1)] = pack(heldSeats[p]!, train, from, to, 0);
    } else {
      for (let p = 0; p < party && start < end; p++) {
        const back = held[start++ & (held.length - 1)]!;
        release(stock, (back >> 10) & 15, 0, back & 1023, (back >> 14) & 63, (back >> 20) & 63);
      }
    }
  }
  return seen < 0 ? 0 : holds;
}

function measure(
  name: string,
  holdShare: number,
  releaseShare: number,
  { segments = stops - 1, wish = 0, party = 1, limited = false } = {},
): BenchRow {
  const steps = script(holdShare, releaseShare, segments);
  wishes.fill(wish);
  let [best, holds] = [Infinity, 0];
  for (let round = 0; round < 6; round++) {
    const stock = createStock();
    const layouts = [secondClass(800)];
    for (let train = 0; train < trains; train++) addRun(stock, layouts, segments);
    if (limited) for (let train = 0; train < trains; train++) limit(stock, train, segments);
    const held = new Int32Array(1 << 16);
    const started = Bun.nanoseconds();
    holds = play(stock, steps, held, party);
    if (round > 0) best = Math.min(best, Bun.nanoseconds() - started);
  }
  const asked = steps.filter((step) => step >> 26 === 1).length;
  const value = scriptLength / (best / 1e3);
  return {
    name,
    value,
    unit: "M ops/s",
    ...(asked > 0 ? { note: `${Math.round((holds / asked) * 100)} % of holds succeed` } : {}),
  };
}

/** Every hold asks a gate and four nested quotas, of which two are its own; none of them refuses it. */
function limit(stock: Stock, train: number, segments: number) {
  const all = Array.from({ length: segments + 1 }, (_, stop) => stop);
  const limits = [
    { since: 0, seats: 100 },
    { since: 1, seats: 1e6 },
  ];
  const near = { fromStops: [0, 1], toStops: all, limits };
  const far = { fromStops: all.slice(2), toStops: all, limits };
  const every = { fromStops: all, toStops: all, limits };
  setGate(stock, train, 0, [{ fromStops: [0], toStops: [0] }]);
  setQuotas(stock, train, 0, [near, far, every, { fromStops: all.slice(-1), toStops: all, limits }]);
}

function measureHoldTable(): BenchRow[] {
  const count = 1_000_000;
  const table = createHoldTable(1 << 20);
  const started = Bun.nanoseconds();
  for (let i = 1; i <= count; i++) addHold(table, i * 2_048 + 7, 0, i % 5, 0, 0, 3, i, heldSeats, 1);
  const took = Bun.nanoseconds() - started;
  return [
    { name: "hold table: add", value: count / (took / 1e3), unit: "M ops/s" },
    { name: "hold table: a million holds", value: holdTableBytes(table) / 1e6, unit: "MB" },
  ];
}

export function run(): BenchRow[] {
  return [
    measure("mix: 60 % query, 30 % hold, 10 % release", 0.3, 0.1),
    measure("steady: 60 % query, 20 % hold, 20 % release", 0.2, 0.2),
    measure("mix, with a gate and four quotas", 0.3, 0.1, { limited: true }),
    measure("query only", 0, 0),
    measure("hold and release only", 0.5, 0.5),
    measure("hold and release only, with a wish", 0.5, 0.5, { wish: 2 }),
    measure("hold and release only, parties of 3", 0.5, 0.5, { party: 3 }),
    measure("hold and release only, parties of 3 with wishes", 0.5, 0.5, { party: 3, wish: 2 }),
    measure("mix on 42 stops", 0.3, 0.1, { segments: 41 }),
    ...measureHoldTable(),
    {
      name: "a run of 8 × 100 seats, 10 stops",
      value: bytesPerRun(createStock(), [secondClass(800)], 9),
      unit: "bytes",
    },
  ];
}

if (import.meta.main) {
  for (const { name, value, unit, note } of run()) {
    console.log(
      `${name.padEnd(50)} ${value.toFixed(value < 1_000 ? 2 : 0).padStart(8)} ${unit}${note ? `  (${note})` : ""}`,
    );
  }
}
