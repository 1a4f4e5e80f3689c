/** Pages kept ready against the slow road: the same bytes, whatever is sold, given back or late. */
import { expect, test } from "bun:test";
import { firstPolicyVersion, policyDefault, withChanges } from "@chepiao/contracts";
import type {
  Changes,
  HoldName,
  InventoryClient,
  Leg,
  Reply,
  Run,
  RunId,
  SeatClass,
  TicketsAnswer,
  Timetable,
} from "@chepiao/contracts";
import {
  addDays,
  createPrng,
  dateIn,
  type EpochMs,
  epochMs,
  formatInZone,
  fen,
  hourMs,
  minuteMs,
  ok,
  type OrderId,
  serviceDate,
  type ServiceDate,
  serviceDayStart,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { createSearch } from "./index.ts";
import { refreshEveryMs } from "./pages.ts";
import { createGenerationCache } from "./generationCache.ts";
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
  /** Names that stand for stations. */
  const places = new Map(stations.map((stationId) => [stationId, [stationId]]));
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
    };
    runs.set(runId, run);
    return run;
  };
  const timetable: Timetable = {
    zone,
    zones: [zone],
    zoneOf: () => zone,
    attributions: [],
    get version() {
      return version;
    },
    policy: firstPolicyVersion(withChanges(policyDefault, { sale: { windowDays } })),
    saleOpensAt: ({ originDate }) => opensAt(originDate),
    saleClosesAt: ({ dayStart, train }, fromStop) =>
      epochMs(dayStart + train.stops[fromStop]!.departS * 1_000 - closesBeforeMs),
    stations: [],
    station: () => null,
    stateOf: () => null,
    cancellations: () => 0,
    notices: () => [],
    stationOfStop: () => null,
    resolvePlace: (text) => places.get(text) ?? [],
    suggestStations: () => [],
    cityEnglish: (city) => city,
    calls: () => [],
    run: () => null,
    knowsTrain: () => true,
    trainCalled: (text) => text,
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
  return { timetable, places, renew: () => version++ };
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
  const { timetable, places, renew } = createWorld();
  const made = { pages: 0 };
  const counted = Object.assign(Object.create(timetable) as Timetable, {
    legs(...journey: Parameters<Timetable["legs"]>) {
      made.pages++;
      return timetable.legs(...journey);
    },
  });
  let now = epochMs(serviceDayStart(today, zone) + 5 * hourMs);
  const asked: (readonly Leg[])[] = [];
  const inventory: Pick<InventoryClient, "available" | "freeSeats" | "changes"> = {
    async available(legs) {
      asked.push(legs);
      return seats.available(legs, now);
    },
    freeSeats: (leg, seatClass) => seats.freeSeats(leg, seatClass),
    ...(counting ? { changes: (run: Run) => heardOf(seats.changes!(run)) } : {}),
  };
  const inventoryNow: Pick<InventoryClient, "available"> = { available: (legs) => seats.available(legs, now) };
  const changesFeed = { silent: false };
  const heardOf = (changes: Changes): Changes => ({
    get count() {
      return changes.count;
    },
    get silent() {
      return changesFeed.silent;
    },
  });
  const search = createSearch({
    timetable: () => counted,
    inventory,
    clock: { now: () => now } as Clock,
    saleOpensAt: opensAt,
  });

  let tag: string | null = null;
  /** As the rim asks: ready first. Answers the text of the page, or the code of the refusal. */
  async function fast({ from, to, date, url }: (typeof journeys)[number]): Promise<string> {
    const ready = search.tickets.ready!(url);
    const answer = ready ? ok(ready) : await search.tickets({ query: { from, to, date }, request: { url } } as never);
    tag = answer.ok ? answer.value.tag! : null;
    return answer.ok ? textOf(answer.value) : answer.error.code;
  }
  async function slow({ from, to, date }: (typeof journeys)[number]): Promise<string> {
    const first = dateIn(zone, now);
    if (date < first || date > addDays(first, windowDays)) return "DateOutOfRange";
    if (!stations.includes(from)) return "StationUnknown";
    return JSON.stringify(await searchSlowly(timetable, inventoryNow, { from: [from], to: [to], date }, now));
  }

  const holds: HoldName[] = [];
  async function sellOrGiveBack() {
    if (holds.length > 0 && prng.chance(0.4)) {
      await seats.release(prng.pick(holds), now);
      return;
    }
    const { from, to, date } = prng.pick(journeys);
    const legs = timetable.legs([from], [to], date);
    if (legs.length === 0) return;
    const leg = prng.pick(legs);
    const holdId = (holds.length + 1) as OrderId;
    holds.push({ runId: leg.run.runId, holdId, line: 0 });
    const deadline = epochMs(now + hourMs);
    const preferences = Array.from({ length: 1 + prng.below(3) }, () => null);
    await seats.hold([{ holdId, line: 0, ...leg, seatClass: prng.pick(classes), preferences, deadline }], now);
  }
  /** Gates and quotas of some run, with limits that begin in the hours to come. */
  async function setOffer() {
    const { from, to, date } = prng.pick(journeys);
    const legs = timetable.legs([from], [to], date);
    if (legs.length === 0) return;
    const { run, fromStop, toStop } = prng.pick(legs);
    const way = { fromStops: [fromStop], toStops: [toStop] };
    const limits = [0, 1, null].map((limit, n) => ({ since: epochMs(now + n * prng.below(hourMs) + n), seats: limit }));
    const parts = prng.pick([{ waitlistGate: [way] }, { waitlistGate: [] }, { quotas: [{ ...way, limits }] }]);
    await seats.setOffers([{ run, seatClass: prng.pick(classes), ...parts }], now);
  }
  return {
    prng,
    seats,
    setOffer,
    changesFeed,
    asked,
    places,
    made,
    isReady: (url: string) => search.tickets.ready!(url) !== null,
    fast,
    slow,
    renew,
    sellOrGiveBack,
    get now() {
      return now;
    },
    /** Of the answer before. */
    get tag() {
      return tag;
    },
    pass: (ms: number) => void (now = epochMs(now + ms)),
  };
}
const textOf = (reply: Reply) => new TextDecoder().decode(reply.body as Uint8Array);
const tickOf = (at: EpochMs) => Math.floor(at / refreshEveryMs);

for (const counting of [true, false]) {
  const whose = counting ? "an inventory that counts changes" : "an inventory that must be asked";
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`pages of ${whose} are what the slow road says, at most half a second ago (seed ${seed})`, async () => {
      const subject = createSubject(seed, counting);
      const { prng } = subject;
      const tags = new Map<string, string>();
      const contents = new Map<string, string>();
      // What the slow road said of a journey within the half second that it is.
      let said = new Map<string, Set<string>>();
      for (let step = 0; step < 1_500; step++) {
        const before = tickOf(subject.now);
        const draw = prng.next();
        if (draw < 0.03) await subject.setOffer();
        else if (draw < 0.35) await subject.sellOrGiveBack();
        else if (draw < 0.6) subject.pass(prng.below(refreshEveryMs));
        else if (draw < 0.63) subject.pass(prng.below(3 * hourMs));
        else if (draw < 0.64) subject.pass(-prng.below(hourMs));
        else if (draw < 0.642) subject.renew();
        else if (draw < 0.645) await subject.seats.retire(epochMs(subject.now - hourMs));
        if (tickOf(subject.now) !== before) said = new Map();
        const journey = prng.pick(journeys);
        const url = journey.url.replace("test", prng.pick(["test", "a.example", "b.example:81"]));
        const fast = await subject.fast({ ...journey, url });
        const { tag } = subject;
        const slow = await subject.slow(journey);
        const sayings = said.get(journey.url) ?? new Set();
        said.set(journey.url, sayings.add(slow));
        expect({ step, asTheSlowRoad: sayings.has(fast) }).toEqual({ step, asTheSlowRoad: true });
        // One answer, one tag; one tag, one answer.
        if (tag === null) continue;
        const content = fast.replace(/"asOf":"[^"]*"/, "");
        expect({ step, tag: tags.get(content) ?? tag }).toEqual({ step, tag });
        expect({ step, content: contents.get(tag) ?? content }).toEqual({ step, content });
        tags.set(content, tag);
        contents.set(tag, content);
      }
    });
  }
}

test("a page that nothing has happened to is given again without asking anybody, with the second that it is", async () => {
  const subject = createSubject(1, true);
  const [journey] = journeys;
  const first = await subject.fast(journey!);
  expect(subject.asked.length).toBe(1);
  subject.pass(10 * refreshEveryMs);
  expect(await subject.fast(journey!)).toBe(await subject.slow(journey!));
  expect(await subject.fast(journey!)).not.toBe(first);
  expect(subject.asked.length).toBe(1);
});

test("however a question is spelled and of whatever name it is asked, its page is made once", async () => {
  const subject = createSubject(1, true);
  const [journey] = journeys;
  const { from, to, date } = journey!;
  const spellings = [
    `http://test/?from=${from}&to=${to}&date=${date}`,
    `http://test/?date=${date}&to=${to}&from=${from}`,
    `http://other.example:8080/?from=${from}&to=${to}&date=${date}`,
    `http://test/?from=%41&to=%42&date=${date}`,
    ...Array.from({ length: 200 }, (_, n) => `http://host${n}.example/?to=${to}&date=${date}&from=${from}`),
  ];
  const pages = await Promise.all(spellings.map((url) => subject.fast({ ...journey!, url })));
  expect(new Set(pages).size).toBe(1);
  expect([subject.asked.length, subject.made.pages]).toEqual([1, 1]);
  // And each of them is ready from then on.
  for (const url of spellings) expect(subject.isReady(url)).toBe(true);
  subject.pass(10 * refreshEveryMs);
  for (const url of spellings) expect(subject.isReady(url)).toBe(true);
  expect([subject.asked.length, subject.made.pages]).toEqual([1, 1]);

  // What a name stands for is looked up anew where the timetable is another.
  subject.renew();
  subject.pass(refreshEveryMs);
  for (const url of spellings) expect(subject.isReady(url)).toBe(false);
  for (const url of spellings) expect(await subject.fast({ ...journey!, url })).toBe(await subject.slow(journey!));
  expect([subject.asked.length, subject.made.pages]).toEqual([2, 2]);
});

test("of spellings without end some are remembered, and the page is made no second time", async () => {
  const subject = createSubject(1, true);
  const [journey] = journeys;
  await subject.fast(journey!);
  const urlOf = (n: number) => `http://test/?${"x".repeat(1_000)}${n}`;
  const count = 20_000;
  for (let n = 0; n < count; n++) await subject.fast({ ...journey!, url: urlOf(n) });
  expect([subject.asked.length, subject.made.pages]).toEqual([1, 1]);
  const remembered = Array.from({ length: count }, (_, n) => subject.isReady(urlOf(n))).filter(Boolean).length;
  expect(remembered).toBeGreaterThan(1_000);
  expect(remembered).toBeLessThan(10_000);
  expect(subject.isReady(journey!.url)).toBe(false);
  await subject.fast(journey!);
  expect([subject.isReady(journey!.url), subject.made.pages]).toEqual([true, 1]);
});

test("a name that stands for other stations since a newer timetable does not get the page of the old ones", async () => {
  const subject = createSubject(1, true);
  const date = today;
  const byCity = { from: "city", to: "C", date, url: "http://test/?from=city" };
  subject.places.set("city", ["A"]);
  const whole = await subject.fast(byCity);
  expect(whole).toBe(await subject.fast({ from: "A", to: "C", date, url: "http://test/?from=A" }));
  subject.places.set("city", ["B"]);
  subject.renew();
  subject.pass(refreshEveryMs);
  await subject.fast({ from: "A", to: "C", date, url: "http://test/?from=A" });
  expect(await subject.fast(byCity)).toBe(await subject.fast({ from: "B", to: "C", date, url: "http://test/?from=B" }));
});

test("only trains from which something was sold are asked about again", async () => {
  const subject = createSubject(1, true);
  await subject.fast(journeys[1]!);
  const [leg] = subject.asked[0]!;
  await subject.seats.hold(
    [
      {
        holdId: 1 as OrderId,
        line: 0,
        ...leg!,
        seatClass: "hardSeat",
        preferences: [null],
        deadline: epochMs(subject.now + 1),
      },
    ],
    subject.now,
  );
  subject.pass(refreshEveryMs);
  expect(await subject.fast(journeys[1]!)).toBe(await subject.slow(journeys[1]!));
  expect(subject.asked.map((legs) => legs.length)).toEqual([3, 1]);
});

test("a quota that grows is seen in the half second in which it does, though nothing was sold, and not asked about before", async () => {
  const subject = createSubject(1, true);
  const [leg] = (await subject.fast(journeys[1]!), subject.asked[0]!);
  const limits = [0, 3].map((limit, n) => ({ since: epochMs(subject.now + n * minuteMs), seats: limit }));
  const quotas = [{ fromStops: [leg!.fromStop], toStops: [leg!.toStop], limits }];
  await subject.seats.setOffers([{ run: leg!.run, seatClass: "hardSeat", quotas }], subject.now);
  const hardSeat = async () => {
    const page = JSON.parse(await subject.fast(journeys[1]!)) as TicketsAnswer;
    return page.trains[0]!.classes.find(({ seatClass }) => seatClass === "hardSeat");
  };
  subject.pass(minuteMs / 2);
  const opens = formatInZone(limits[1]!.since, leg!.run.train.zone);
  expect(await hardSeat()).toMatchObject({ free: 0, sellable: false, notOnSaleYet: true, onSaleAt: opens });
  const before = subject.asked.length;
  subject.pass(minuteMs / 2 - 1);
  expect(await hardSeat()).toMatchObject({ free: 0, sellable: false });
  expect(subject.asked.length).toBe(before);
  subject.pass(1);
  const opened = await hardSeat();
  expect([opened?.free, opened?.sellable, opened?.notOnSaleYet, opened?.onSaleAt]).toEqual([
    3,
    true,
    undefined,
    undefined,
  ]);
});

test("while no word of changes comes every train is asked about, and none for that once it comes again", async () => {
  const subject = createSubject(1, true);
  await subject.fast(journeys[1]!);
  subject.changesFeed.silent = true;
  for (let poll = 0; poll < 2; poll++) {
    subject.pass(refreshEveryMs);
    await subject.fast(journeys[1]!);
  }
  subject.changesFeed.silent = false;
  subject.pass(refreshEveryMs);
  expect(await subject.fast(journeys[1]!)).toBe(await subject.slow(journeys[1]!));
  expect(subject.asked.map((legs) => legs.length)).toEqual([3, 3, 3]);
});

test("who asks while a page is looked over waits for the same look", async () => {
  const subject = createSubject(1, false);
  const pages = await Promise.all([1, 2, 3].map(() => subject.fast(journeys[0]!)));
  expect(new Set(pages).size).toBe(1);
  subject.pass(refreshEveryMs);
  const before = subject.asked.length;
  await Promise.all([1, 2, 3].map(() => subject.fast(journeys[0]!)));
  expect(subject.asked.length).toBe(before + 1);
});

test("a cache keeps what is used and stays within its bytes", () => {
  const cache = createGenerationCache<number>(10_000);
  for (let n = 0; n < 1_000; n++) {
    cache.put(`item ${n}`, n, 100);
    expect(cache.get("item 0")).toBe(0);
  }
  const kept = Array.from({ length: 1_000 }, (_, n) => cache.get(`item ${n}`)).filter((item) => item !== undefined);
  expect(kept.length).toBeGreaterThan(20);
  expect(kept.length).toBeLessThan(100);
  expect(cache.get("item 999")).toBe(999);
});
