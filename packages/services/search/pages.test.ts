/** Pages kept ready against the slow road: the same bytes, whatever is sold, given back or late. */
import { expect, test } from "bun:test";
import type {
  Changes,
  HoldRef,
  InventoryClient,
  Leg,
  Reply,
  Run,
  RunId,
  SeatClass,
  Timetable,
} from "@chepiao/contracts";
import {
  addDays,
  createPrng,
  dateIn,
  type EpochMs,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  type OrderId,
  serviceDate,
  type ServiceDate,
  serviceDayStart,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { createSearch } from "./index.ts";
import { lookEveryMs } from "./pages.ts";
import { createShelf } from "./shelf.ts";
import { searchSlowly } from "./tickets.twin.ts";

const zone = "Asia/Shanghai" as ZoneName;
const today = serviceDate("2026-12-01");
const closesBeforeMs = 30 * minuteMs;
const windowDays = 3;
const opensAt = (date: ServiceDate) => epochMs(serviceDayStart(addDays(date, 1 - windowDays), zone) + 8 * hourMs);
const composition = {
  code: "test",
  coaches: [
    { no: 1, sections: [{ seatClass: "hardSleeper", rows: 1 }] },
    {
      no: 2,
      sections: [
        { seatClass: "hardSeat", rows: 1 },
        { seatClass: "standing", rows: 2 },
      ],
    },
  ],
} as const;
const classes: readonly SeatClass[] = ["hardSleeper", "hardSeat", "standing"];
const stations = ["A", "B", "C"];

/** Three trains a day over A, B, C; the last one boards at B after midnight. */
function createWorld() {
  const runs = new Map<RunId, Run>();
  const trainOf = (n: number, version: number) => ({
    trainVersionId: n,
    trainNumber: `K${n + 1}`,
    trainType: "fast" as const,
    zone,
    composition,
    stops: stations.map((stationId, stop) => {
      const departS = [6, 13, 22][n]! * 3_600 + stop * 7_500;
      return { stationId, name: `站${stationId}${version}`, arriveS: departS - 60, departS, distanceM: stop * 90_000 };
    }),
  });
  let version = 1;
  const runOf = (n: number, originDate: ServiceDate): Run => {
    const runId = `K${n + 1}/${originDate}/${version}` as RunId;
    const dayStart = serviceDayStart(originDate, zone);
    const run = runs.get(runId) ?? {
      runId,
      originDate,
      train: trainOf(n, version),
      dayStart,
      saleOpensAt: opensAt(originDate),
    };
    runs.set(runId, run);
    return run;
  };
  const timetable: Timetable = {
    zone,
    get version() {
      return version;
    },
    stations: [],
    station: () => null,
    resolvePlace: (text) => (stations.includes(text) ? [text] : []),
    suggestStations: () => [],
    run: () => null,
    knowsTrain: () => true,
    legs([from], [to], date): Leg[] {
      const [fromStop, toStop] = [stations.indexOf(from!), stations.indexOf(to!)];
      if (fromStop < 0 || fromStop >= toStop) return [];
      return [0, 1, 2]
        .flatMap((n) => [addDays(date, -1), date].map((origin) => ({ run: runOf(n, origin), fromStop, toStop })))
        .filter((leg) => dateIn(zone, departureOf(leg)) === date)
        .toSorted((a, b) => departureOf(a) - departureOf(b));
    },
    runsOn: () => [],
    stopIndex: () => -1,
    fare: (_run, seatClass, fromStop, toStop, _type, seat) =>
      fen((toStop - fromStop) * 1_000 + classes.indexOf(seatClass) * 10 + (seat?.kind === "lower" ? 5 : 0)),
  };
  return { timetable, renew: () => version++ };
}
const departureOf = ({ run, fromStop }: Leg) => epochMs(run.dayStart + run.train.stops[fromStop]!.departS * 1_000);

const journeys = [
  ...["A B", "A C", "B C", "C A"].flatMap((way) => [0, 1, 2, 3].map((n) => `${way} ${addDays(today, n)}`)),
  `A B ${addDays(today, 9)}`,
  `X B ${today}`,
].map((text) => {
  const [from = "", to = "", date = ""] = text.split(" ");
  return { from, to, date: date as ServiceDate, url: `http://test/?from=${from}&to=${to}&date=${date}` };
});

function createSubject(seed: number, counting: boolean) {
  const prng = createPrng(seed);
  const seats = createMemorySeatStore();
  const { timetable, renew } = createWorld();
  let now = epochMs(serviceDayStart(today, zone) + 5 * hourMs);
  const asked: (readonly Leg[])[] = [];
  const inventory: Pick<InventoryClient, "available" | "freeSeats" | "changes"> = {
    async available(legs) {
      asked.push(legs);
      return seats.available(legs);
    },
    freeSeats: (leg, seatClass) => seats.freeSeats(leg, seatClass),
    ...(counting ? { changes: (run: Run) => heardOf(seats.changes!(run)) } : {}),
  };
  const news = { silent: false };
  const heardOf = (changes: Changes): Changes => ({
    get count() {
      return changes.count;
    },
    get silent() {
      return news.silent;
    },
  });
  const search = createSearch({
    timetable: () => timetable,
    inventory,
    clock: { now: () => now } as Clock,
    saleWindowDays: windowDays,
    saleOpensAt: opensAt,
    saleClosesBeforeMs: closesBeforeMs,
  });

  /** As the rim asks: ready first. Answers the text of the page, or the code of the refusal. */
  async function fast({ from, to, date, url }: (typeof journeys)[number]): Promise<string> {
    const ready = search.tickets.ready!(url);
    if (ready) return textOf(ready);
    const answer = await search.tickets({ query: { from, to, date }, request: { url } } as never);
    return answer.ok ? textOf(answer.value) : answer.error.code;
  }
  async function slow({ from, to, date }: (typeof journeys)[number]): Promise<string> {
    const first = dateIn(zone, now);
    if (date < first || date > addDays(first, windowDays)) return "DateOutOfRange";
    if (!stations.includes(from)) return "StationUnknown";
    return JSON.stringify(await searchSlowly(timetable, seats, { from: [from], to: [to], date }, now, closesBeforeMs));
  }

  const holds: HoldRef[] = [];
  async function sellOrGiveBack() {
    if (holds.length > 0 && prng.chance(0.4)) {
      await seats.release(prng.pick(holds));
      return;
    }
    const { from, to, date } = prng.pick(journeys);
    const legs = timetable.legs([from], [to], date);
    if (legs.length === 0) return;
    const leg = prng.pick(legs);
    const holdId = (holds.length + 1) as OrderId;
    holds.push({ runId: leg.run.runId, holdId });
    const deadline = epochMs(now + hourMs);
    const preferences = Array.from({ length: 1 + prng.below(3) }, () => null);
    await seats.hold([{ holdId, ...leg, seatClass: prng.pick(classes), preferences, deadline }], now);
  }
  return {
    prng,
    seats,
    news,
    asked,
    fast,
    slow,
    renew,
    sellOrGiveBack,
    get now() {
      return now;
    },
    pass: (ms: number) => void (now = epochMs(now + ms)),
  };
}
const textOf = (reply: Reply) => new TextDecoder().decode(reply.body as Uint8Array);
const tickOf = (at: EpochMs) => Math.floor(at / lookEveryMs);

for (const counting of [true, false]) {
  const whose = counting ? "an inventory that counts changes" : "an inventory that must be asked";
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`pages of ${whose} are what the slow road says, at most half a second ago (seed ${seed})`, async () => {
      const subject = createSubject(seed, counting);
      const { prng } = subject;
      // What the slow road said of a journey within the half second that it is.
      let said = new Map<string, Set<string>>();
      for (let step = 0; step < 1_500; step++) {
        const before = tickOf(subject.now);
        const draw = prng.next();
        if (draw < 0.35) await subject.sellOrGiveBack();
        else if (draw < 0.6) subject.pass(prng.below(lookEveryMs));
        else if (draw < 0.63) subject.pass(prng.below(3 * hourMs));
        else if (draw < 0.64) subject.pass(-prng.below(hourMs));
        else if (draw < 0.642) subject.renew();
        else if (draw < 0.645) await subject.seats.retire(epochMs(subject.now - hourMs));
        if (tickOf(subject.now) !== before) said = new Map();
        const journey = prng.pick(journeys);
        const [fast, slow] = [await subject.fast(journey), await subject.slow(journey)];
        const sayings = said.get(journey.url) ?? new Set();
        said.set(journey.url, sayings.add(slow));
        expect({ step, asTheSlowRoad: sayings.has(fast) }).toEqual({ step, asTheSlowRoad: true });
      }
    });
  }
}

test("a page that nothing has happened to is given again without asking anybody, with the second that it is", async () => {
  const subject = createSubject(1, true);
  const [journey] = journeys;
  const first = await subject.fast(journey!);
  expect(subject.asked.length).toBe(1);
  subject.pass(10 * lookEveryMs);
  expect(await subject.fast(journey!)).toBe(await subject.slow(journey!));
  expect(await subject.fast(journey!)).not.toBe(first);
  expect(subject.asked.length).toBe(1);
});

test("only trains from which something was sold are asked about again", async () => {
  const subject = createSubject(1, true);
  await subject.fast(journeys[1]!);
  const [leg] = subject.asked[0]!;
  await subject.seats.hold(
    [{ holdId: 1 as OrderId, ...leg!, seatClass: "hardSeat", preferences: [null], deadline: epochMs(subject.now + 1) }],
    subject.now,
  );
  subject.pass(lookEveryMs);
  expect(await subject.fast(journeys[1]!)).toBe(await subject.slow(journeys[1]!));
  expect(subject.asked.map((legs) => legs.length)).toEqual([3, 1]);
});

test("while no word of changes comes every train is asked about, and none for that once it comes again", async () => {
  const subject = createSubject(1, true);
  await subject.fast(journeys[1]!);
  subject.news.silent = true;
  for (let look = 0; look < 2; look++) {
    subject.pass(lookEveryMs);
    await subject.fast(journeys[1]!);
  }
  subject.news.silent = false;
  subject.pass(lookEveryMs);
  expect(await subject.fast(journeys[1]!)).toBe(await subject.slow(journeys[1]!));
  expect(subject.asked.map((legs) => legs.length)).toEqual([3, 3, 3]);
});

test("who asks while a page is looked over waits for the same look", async () => {
  const subject = createSubject(1, false);
  const pages = await Promise.all([1, 2, 3].map(() => subject.fast(journeys[0]!)));
  expect(new Set(pages).size).toBe(1);
  subject.pass(lookEveryMs);
  const before = subject.asked.length;
  await Promise.all([1, 2, 3].map(() => subject.fast(journeys[0]!)));
  expect(subject.asked.length).toBe(before + 1);
});

test("a shelf keeps what is used and stays within its bytes", () => {
  const shelf = createShelf<number>(10_000);
  for (let n = 0; n < 1_000; n++) {
    shelf.put(`item ${n}`, n, 100);
    expect(shelf.get("item 0")).toBe(0);
  }
  const kept = Array.from({ length: 1_000 }, (_, n) => shelf.get(`item ${n}`)).filter((item) => item !== undefined);
  expect(kept.length).toBeGreaterThan(20);
  expect(kept.length).toBeLessThan(100);
  expect(shelf.get("item 999")).toBe(999);
});
