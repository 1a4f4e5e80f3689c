/** What passengers read before buying: offers, dates, stops and seat maps of one night train. */
import { expect, test } from "bun:test";
import type {
  BoardAnswer,
  ClassAvailability,
  Composition,
  DayOffer,
  FareTable,
  InventoryClient,
  Leg,
  Run,
  SeatClass,
  SeatMap,
  Station,
  TicketsAnswer,
  Timetable,
  TrainStops,
} from "@chepiao/contracts";
import { boardRowsMax, firstPolicyVersion, policyDefault, seatsOf, withChanges } from "@chepiao/contracts";
import {
  addDays,
  daysBetween,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  serviceDate,
  serviceDayStart,
  type ServiceDate,
  type ZoneName,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createDays, daysKeptMs, daysUnderWayMax } from "./days.ts";
import { createSearch } from "./index.ts";
import { refreshEveryMs } from "./pages.ts";

const zone = "Asia/Shanghai" as ZoneName;
const today = serviceDate("2026-12-01");
const windowDays = 15;

const composition = {
  code: "test",
  coaches: [
    {
      no: 1,
      sections: [
        { seatClass: "hardSleeper", rows: 1 },
        { seatClass: "softSleeper", rows: 1 },
      ],
    },
    {
      no: 3,
      sections: [
        { seatClass: "second", rows: 2 },
        { seatClass: "standing", rows: 2 },
      ],
    },
  ],
} as const;
/** From A 22:00, B 02:00 the next day, A again 03:00, C 05:00. */
const stops = (["A", "B", "A", "C"] as const).map((stationId, n) => {
  const arriveS = [79_200, 93_600, 97_200, 104_400][n]!;
  return { stationId, name: `站${stationId}`, arriveS, departS: arriveS, distanceM: n * 100_500 };
});
const train = { trainVersionId: 1, trainNumber: "Z1", trainType: "express", zone, stops, composition } as const;
const opensAt = (date: ServiceDate) => epochMs(serviceDayStart(addDays(date, 1 - windowDays), zone) + 8 * hourMs);

const runs = new Map<ServiceDate, Run>();
function runOf(originDate: ServiceDate): Run {
  const run = runs.get(originDate) ?? {
    runId: `Z1/${originDate}` as Run["runId"],
    originDate,
    train,
    dayStart: serviceDayStart(originDate, zone),
  };
  runs.set(originDate, run);
  return run;
}

/** The run that is cancelled. */
let offRun: Run["runId"] | null = null;
const policy = firstPolicyVersion(withChanges(policyDefault, { sale: { windowDays } }));

/** One train every night; a journey from A to C or B to C. */
const timetable: Timetable = {
  zone,
  zones: [zone],
  zoneOf: () => zone,
  attributions: [],
  version: 1,
  policy,
  saleOpensAt: ({ originDate }) => opensAt(originDate),
  saleClosesAt: ({ dayStart }, fromStop) => epochMs(dayStart + stops[fromStop]!.departS * 1_000 - 30 * minuteMs),
  stations: [],
  station: (stationId) => (["A", "B", "c,d"].includes(stationId) ? ({ stationId } as Station) : null),
  stateOf: (runId) => (runId === offRun ? { runId, isCancelled: true, stops: [] } : null),
  cancellations: () => (offRun === null ? 0 : 1),
  notices: () => [],
  stationOfStop: () => null,
  resolvePlace: (text) => (["A", "B", "C"].includes(text) ? [text] : []),
  suggestStations: (text, limit) => [{ stationId: text, limit } as unknown as Station],
  cityEnglish: (city) => city,
  calls(stationId, side, date) {
    const found = [addDays(date, -1), date].flatMap((origin) =>
      stops.flatMap(({ stationId: at, departS }, stop) =>
        at === stationId &&
        stop !== (side === "boarding" ? stops.length - 1 : 0) &&
        daysBetween(origin, date) === Math.floor(departS / 86_400)
          ? [{ run: runOf(origin), stop }]
          : [],
      ),
    );
    return found.sort(
      (a, b) => stops[a.stop]!.departS + a.run.dayStart / 1_000 - (stops[b.stop]!.departS + b.run.dayStart / 1_000),
    );
  },
  run: (trainNumber, date) => (trainNumber === "Z1" && daysBetween(today, date) < 30 ? runOf(date) : null),
  knowsTrain: (trainNumber) => trainNumber === "Z1",
  trainCalled: (text) => (["Z1", "z1"].includes(text) ? "Z1" : null),
  legs(from, to, date): Leg[] {
    if (to[0] !== "C") return [];
    if (from[0] === "A") return [{ run: runOf(date), fromStop: 0, toStop: 3 }];
    return [{ run: runOf(addDays(date, -1)), fromStop: 1, toStop: 3 }];
  },
  runsOn: () => [],
  stopIndex: (run, stationId, after = 0) =>
    run.train.stops.findIndex((stop, at) => at >= after && stop.stationId === stationId),
  fare: (_run, seatClass, fromStop, toStop, _type, seat) =>
    fen(
      (toStop - fromStop) * 1_000 +
        (seatClass === "second" ? 0 : ({ lower: 300, middleBerth: 200 }[seat?.kind as "lower"] ?? 100)),
    ),
};

const stockOf = (seatClass: string, sellable: number): [SeatClass, ClassAvailability] => [
  seatClass as SeatClass,
  { sellable, refusal: sellable > 0 ? null : "StandingNotYet", changesAt: null },
];

function room(
  sellable: Partial<Record<SeatClass, number>> = { second: 3, standing: 0, hardSleeper: 1 },
  now = serviceDayStart(today, zone) + 9 * hourMs,
  rules: Partial<Timetable> = {},
) {
  const asked: (readonly Leg[])[] = [];
  const mapsAsked: string[] = [];
  const changesFeed = { even: 0, away: false };
  const inventory: Pick<InventoryClient, "available" | "freeSeats"> = {
    async available(legs) {
      asked.push(legs);
      return legs.map(() => new Map(Object.entries(sellable).map(([seatClass, seats]) => stockOf(seatClass, seats))));
    },
    async freeSeats({ run, fromStop, toStop }, seatClass) {
      mapsAsked.push(`${run.runId} ${fromStop}-${toStop} ${seatClass}`);
      await Promise.resolve();
      if (changesFeed.away) throw new Error("inventory is away");
      return seatsOf(run.train.composition)
        .get(seatClass)!
        .map((seat) => seat.index % 2 === changesFeed.even);
    },
  };
  const clock = createManualClock(epochMs(now));
  const search = createSearch({
    timetable: () => ({ ...timetable, ...rules }),
    inventory,
    clock,
    saleOpensAt: opensAt,
  });
  const tickets = async (from: string, to: string, date: string) => {
    const request = { url: `http://test/?${new URLSearchParams({ from, to, date }).toString()}` };
    const answer = await search.tickets({ query: { from, to, date }, request } as never);
    return answer.ok
      ? (JSON.parse(new TextDecoder().decode(answer.value.body as Uint8Array)) as TicketsAnswer)
      : answer.error;
  };
  return { search, clock, asked, mapsAsked, changesFeed, tickets };
}

test("an offer carries times with their offset, the days it takes, stock, fares and berth levels", async () => {
  const answer = (await room().tickets("A", "C", "2026-12-01")) as TicketsAnswer;
  expect(answer.asOf).toBe("2026-12-01T09:00:00+08:00");
  expect(answer.trains).toEqual([
    {
      trainNumber: "Z1",
      trainType: "express",
      originDate: "2026-12-01",
      boardingDate: "2026-12-01",
      from: { stationId: "A", name: "站A", stop: 0, first: true },
      to: { stationId: "C", name: "站C", stop: 3, last: true },
      departAt: "2026-12-01T22:00:00+08:00",
      arriveAt: "2026-12-02T05:00:00+08:00",
      durationMinutes: 420,
      arrivesDaysLater: 1,
      sale: "open",
      saleOpensAt: "2026-11-17T08:00:00+08:00",
      classes: [
        { seatClass: "second", fareFen: 3_000, free: 3, sellable: true },
        {
          seatClass: "softSleeper",
          fareFen: 3_100,
          fareNote: { lower: 3_300, upper: 3_100 },
          free: 0,
          sellable: false,
        },
        {
          seatClass: "hardSleeper",
          fareFen: 3_100,
          fareNote: { lower: 3_300, middleBerth: 3_200, upper: 3_100 },
          free: 1,
          sellable: true,
        },
        { seatClass: "standing", fareFen: 3_100, free: 0, sellable: false },
      ],
    },
  ]);
});

test("standing is sold once the seats of its class are gone", async () => {
  const { trains } = (await room({ second: 0, standing: 2 }).tickets("A", "C", "2026-12-01")) as TicketsAnswer;
  expect(trains[0]!.classes.at(-1)).toMatchObject({ seatClass: "standing", free: 2, sellable: true });
});

test("who boards after midnight sees the date of boarding beside that of origin", async () => {
  const { trains } = (await room().tickets("B", "C", "2026-12-02")) as TicketsAnswer;
  expect(trains[0]).toMatchObject({ originDate: "2026-12-01", boardingDate: "2026-12-02", arrivesDaysLater: 0 });
});

test("a train that has left is not shown, nor is its stock asked for", async () => {
  const { tickets, asked } = room();
  expect(((await tickets("B", "C", "2026-12-01")) as TicketsAnswer).trains).toEqual([]);
  expect(asked).toEqual([]);
});

test("a sale is not yet open before its time, and closed half an hour before departure", async () => {
  const { tickets, clock } = room();
  const sale = async (date: string) => ((await tickets("A", "C", date)) as TicketsAnswer).trains[0]!.sale;
  expect(await sale("2026-12-16")).toBe("notYet");
  expect(await sale("2026-12-15")).toBe("open");
  await clock.advance(12.5 * hourMs - 1);
  expect(await sale("2026-12-01")).toBe("open");
  await clock.advance(1);
  expect(await sale("2026-12-01")).toBe("closed");
});

test("a train that is cancelled is closed in pages that are known, and open again when it runs", async () => {
  const { tickets, clock } = room();
  const shown = async () => {
    const [offer] = ((await tickets("A", "C", "2026-12-01")) as TicketsAnswer).trains;
    return [offer!.sale, ...offer!.classes.map(({ free }) => free)];
  };
  expect(await shown()).toEqual(["open", 3, 0, 1, 0]);
  offRun = "Z1/2026-12-01" as Run["runId"];
  expect(await shown()).toEqual(["closed", 0, 0, 0, 0]);
  await clock.advance(hourMs);
  expect(await shown()).toEqual(["closed", 0, 0, 0, 0]);
  offRun = null;
  expect(await shown()).toEqual(["open", 3, 0, 1, 0]);
});

test("unknown places and dates out of range are refused with what would be right", async () => {
  const { tickets } = room();
  expect(await tickets("nowhere", "C", "2026-12-01")).toEqual({ code: "StationUnknown", facts: { place: "nowhere" } });
  expect(await tickets("A", "nowhere", "2026-12-01")).toMatchObject({ code: "StationUnknown" });
  for (const date of ["2026-11-30", "2026-12-17", "2026-02-30"])
    expect(await tickets("A", "C", date)).toEqual({
      code: "DateOutOfRange",
      facts: { first: "2026-12-01", last: "2026-12-16" },
    });
  expect(((await tickets("C", "A", "2026-12-16")) as TicketsAnswer).trains).toEqual([]);
});

test("the calendar begins today and ends with the day that opens next", () => {
  const answer = room().search.calendar({} as never) as { value: { body: { days: object[] } } };
  expect(answer.value.body).toMatchObject({
    zone: "Asia/Shanghai",
    today: "2026-12-01",
    now: "2026-12-01T09:00:00+08:00",
  });
  expect(answer.value.body.days.length).toBe(16);
  expect(answer.value.body.days.slice(-2)).toEqual([
    { date: "2026-12-15", sale: "open", opensAt: null },
    { date: "2026-12-16", sale: "notYet", opensAt: "2026-12-02T08:00:00+08:00" },
  ]);
});

test("before the opening time the last day is not on sale yet", () => {
  const early = room({}, serviceDayStart(today, zone) + 479 * minuteMs);
  const answer = early.search.calendar({} as never) as { value: { body: { days: object[] } } };
  expect(answer.value.body.days.slice(-2)).toMatchObject([
    { sale: "notYet", opensAt: "2026-12-01T08:00:00+08:00" },
    { sale: "notYet" },
  ]);
});

test("the calendar tells of the pause that is now, or the next, where tickets are sold at some hours only", () => {
  const pauseAt = (hour: number) => {
    const byHours = firstPolicyVersion(
      withChanges(policyDefault, { service: { hours: { from: "05:00", to: "01:00" } } }),
    );
    const at = room({}, serviceDayStart(today, zone) + hour * 60 * minuteMs, { policy: byHours });
    return (at.search.calendar({} as never) as { value: { body: { pause: object | null } } }).value.body.pause;
  };
  const tonight = { closesAt: "2026-12-01T01:00:00+08:00", opensAt: "2026-12-01T05:00:00+08:00" };
  const tomorrow = { closesAt: "2026-12-02T01:00:00+08:00", opensAt: "2026-12-02T05:00:00+08:00" };
  expect([0.5, 2, 5].map(pauseAt)).toEqual([tonight, tonight, tomorrow]);
  const always = room().search.calendar({} as never) as { value: { body: object } };
  expect(always.value.body).toMatchObject({ pause: null });
});

test("of a run that was exchanged for another train what is shown is that one: its classes, its seats in their places, and no others", async () => {
  const other: Composition = {
    code: "other",
    coaches: [
      {
        no: 2,
        sections: [
          { seatClass: "first", rows: 1 },
          { seatClass: "second", rows: 1 },
        ],
      },
      {
        no: 3,
        sections: [
          { seatClass: "hardSeat", rows: 1 },
          { seatClass: "second", rows: 2 },
        ],
      },
    ],
    replaces: composition,
  };
  const exchanged = (date: ServiceDate) => ({ ...runOf(date), train: { ...train, composition: other } });
  const { search, tickets } = room({}, undefined, {
    run: (_, date) => exchanged(date),
    legs: (...asked) => timetable.legs(...asked).map((leg) => ({ ...leg, run: exchanged(leg.run.originDate) })),
  });
  const stopsOf = search.stops({ params: { trainNumber: "Z1" }, query: { date: "2026-12-01" } } as never);
  expect(stopsOf).toMatchObject({ value: { body: { rollingStock: "other", coachCount: 2 } } });
  const { classes } = (stopsOf as { value: { body: TrainStops } }).value.body;
  expect(classes).toEqual([
    { seatClass: "second", seatCount: 15 },
    { seatClass: "first", seatCount: 4 },
    { seatClass: "hardSeat", seatCount: 5 },
  ]);
  const { trains } = (await tickets("A", "C", "2026-12-01")) as TicketsAnswer;
  expect(trains[0]!.classes.map(({ seatClass }) => seatClass)).toEqual(["first", "second", "hardSeat"]);
  // Of the first row of coach 3 there is none any more; the second has been there, and the third is new, as is all of coach 2.
  const { body: map } = ((await seatMap(search, {})) as { value: { body: SeatMap } }).value;
  expect(
    map.coaches.map(({ coachNo, rows }) => [coachNo, rows.map(({ row, seats }) => [row, seats[0]!.index])]),
  ).toEqual([
    [2, [[2, 10]]],
    [
      3,
      [
        [2, 5],
        [3, 15],
      ],
    ],
  ]);
  expect(map.free).toBe(
    map.coaches.flatMap(({ rows }) => rows.flatMap(({ seats }) => seats)).filter(({ free }) => free).length,
  );
  expect(await seatMap(search, { seatClass: "hardSleeper" })).toMatchObject({ error: { code: "ClassNotOffered" } });
});

test("a train's stops have no arrival at the first and no departure at the last", () => {
  const { search } = room();
  const stopsOf = (trainNumber: string, date: string) =>
    search.stops({ params: { trainNumber }, query: { date } } as never);
  expect(stopsOf("Z1", "2026-12-01")).toMatchObject({
    value: {
      body: {
        rollingStock: "test",
        coachCount: 2,
        classes: [
          { seatClass: "hardSleeper", seatCount: 6 },
          { seatClass: "softSleeper", seatCount: 4 },
          { seatClass: "second", seatCount: 10 },
          { seatClass: "standing" },
        ],
        stops: [
          { stop: 0, arriveAt: null, departAt: "2026-12-01T22:00:00+08:00", distanceKm: 0 },
          { stop: 1, arriveAt: "2026-12-02T02:00:00+08:00", distanceKm: 100.5 },
          { stop: 2 },
          { stop: 3, departAt: null },
        ],
      },
    },
  });
  expect(stopsOf("z1", "2026-12-01")).toMatchObject({ value: { body: { trainNumber: "Z1" } } });
  expect(stopsOf("Z2", "2026-12-01")).toMatchObject({ error: { code: "TrainUnknown" } });
  for (const date of ["2027-12-01", "2026-99-99"])
    expect(stopsOf("Z1", date)).toMatchObject({ error: { code: "RunUnknown" } });
});

test("a train says on which of the days that can be searched it runs", () => {
  const { search } = room({}, undefined, {
    run: (trainNumber, date) => (trainNumber === "Z1" && daysBetween(today, date) % 2 === 0 ? runOf(date) : null),
  });
  const answer = search.stops({ params: { trainNumber: "Z1" }, query: { date: "2026-12-03" } } as never);
  const { runsOn } = (answer as { value: { body: { runsOn: string[] } } }).value.body;
  expect(runsOn).toEqual(["01", "03", "05", "07", "09", "11", "13", "15"].map((day) => `2026-12-${day}`));
});

const bodyOf = (answer: unknown): BoardAnswer => (answer as { value: { body: BoardAnswer } }).value.body;

test("a station's board has what leaves there on the day, or arrives, with where that goes or comes from", () => {
  const { search } = room();
  const board = (query: object) => search.board({ query: { place: "A", date: "2026-12-02", ...query } } as never);
  const rows = (query: object) =>
    bodyOf(board(query)).rows.map(({ at, end, stop }) => [at.slice(11, 16), end.stationId, stop]);
  expect(rows({})).toEqual([
    ["03:00", "C", 2],
    ["22:00", "C", 0],
  ]);
  expect(rows({ side: "arrivals" })).toEqual([["03:00", "A", 2]]);
  expect(rows({ after: "03:00" }).length).toBe(2);
  expect(rows({ after: "03:01" })).toEqual([["22:00", "C", 0]]);
  expect(rows({ after: "22:01" })).toEqual([]);
  expect(rows({ place: "C" })).toEqual([]);
  expect(board({})).toMatchObject({ value: { headers: { "cache-control": "public, max-age=60" } } });
  expect(board({ place: "X" })).toMatchObject({ error: { code: "StationUnknown" } });
  expect(board({ date: "2027-12-02" })).toMatchObject({ error: { code: "DateOutOfRange" } });
});

test("a board of more rows than an answer has is read to its end, each row once", () => {
  const calls = Array.from({ length: 2 * boardRowsMax + 5 }, () => ({ run: runOf(today), stop: 0 }));
  const { search } = room({}, undefined, { calls: () => calls });
  const lengths: number[] = [];
  for (let skip: number | null = 0; skip !== null;) {
    const body: BoardAnswer = bodyOf(search.board({ query: { place: "A", date: "2026-12-01", skip } } as never));
    lengths.push(body.rows.length);
    skip = body.next;
  }
  expect(lengths).toEqual([boardRowsMax, boardRowsMax, 5]);
  expect(search.board({ query: { place: "A", date: "2026-12-01", skip: 20_000 } } as never)).toMatchObject({
    value: { body: { rows: [], next: null } },
  });
});

/** The answer with its JSON read, or the refusal. */
async function seatMap(search: ReturnType<typeof createSearch>, query: object) {
  const answer = await search.seatMap({
    query: { trainNumber: "Z1", originDate: "2026-12-01", from: "A", to: "C", seatClass: "second", ...query },
  } as never);
  if (!answer.ok) return answer;
  const body = JSON.parse(new TextDecoder().decode(answer.value.body as Uint8Array)) as SeatMap;
  return { value: { ...answer.value, body } };
}

test("a seat map draws coach by coach and row by row what is free", async () => {
  const { search } = room();
  const map = (query: object) => seatMap(search, query);
  expect(await map({})).toMatchObject({
    value: {
      body: {
        free: 5,
        coaches: [
          {
            coachNo: 3,
            rows: [
              {
                row: 1,
                seats: ["A", "B", "C", "D", "F"].map((mark, index) => ({ index, mark, free: index % 2 === 0 })),
              },
              { row: 2, seats: [{ index: 5, mark: "A", kind: "window", free: false }, {}, {}, {}, {}] },
            ],
          },
        ],
      },
    },
  });
  expect(await map({ originDate: "2028-01-01" })).toMatchObject({ error: { code: "RunUnknown" } });
  expect(await map({ from: "C", to: "A" })).toMatchObject({ error: { code: "NotOnRoute" } });
  expect(await map({ from: "X" })).toMatchObject({ error: { code: "NotOnRoute" } });
  expect(await map({ seatClass: "business" })).toMatchObject({ error: { code: "ClassNotOffered" } });
});

test("a seat map is drawn once in half a second, by however many and in whatever words it is asked for", async () => {
  const { search, clock, mapsAsked, changesFeed } = room();
  const free = async (query: object = {}) =>
    ((await seatMap(search, query)) as { value: { body: SeatMap } }).value.body.free;
  expect(await Promise.all(Array.from({ length: 20 }, () => free()))).toEqual(Array.from({ length: 20 }, () => 5));
  expect(mapsAsked).toEqual(["Z1/2026-12-01 2-3 second"]);
  // Another part of the way, another class and another day are other maps.
  for (const query of [{ from: "B" }, { seatClass: "hardSleeper" }, { originDate: "2026-12-02" }])
    for (let time = 0; time < 3; time++) await free(query);
  expect(mapsAsked.length).toBe(4);

  changesFeed.even = 1;
  await clock.advance(refreshEveryMs - 1);
  expect([await free(), mapsAsked.length]).toEqual([5, 4]);
  await clock.advance(1);
  const later = await Promise.all([free(), free()]);
  expect([later, mapsAsked.length]).toEqual([[5, 5], 5]);
  const { value } = (await seatMap(search, {})) as { value: { body: SeatMap } };
  expect(value.body.coaches[0]!.rows[0]!.seats.map((seat) => seat.free)).toEqual([false, true, false, true, false]);
});

test("a seat map that could not be drawn is not kept: the next one who asks has it", async () => {
  const { search, mapsAsked, changesFeed } = room();
  changesFeed.away = true;
  const refused = await Promise.allSettled([seatMap(search, {}), seatMap(search, {})]);
  expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(mapsAsked.length).toBe(1);
  changesFeed.away = false;
  expect(await seatMap(search, {})).toMatchObject({ value: { body: { free: 5 } } });
  expect(mapsAsked.length).toBe(2);
});

test("stations are suggested as the timetable finds them", () => {
  const { search } = room();
  expect(search.stations({ query: { q: "bei" } } as never)).toMatchObject({
    value: { body: { stations: [{ stationId: "bei", limit: 10 }] } },
  });
});

test("stations named by their ids come in that order, unknown ones left out", () => {
  expect(room().search.stations({ query: { ids: "B,nowhere,A" } } as never)).toMatchObject({
    value: { body: { stations: [{ stationId: "B" }, { stationId: "A" }] } },
  });
  expect(room().search.stations({ query: { ids: "c,d,c,A,c,d" } } as never)).toMatchObject({
    value: { body: { stations: [{ stationId: "c,d" }, { stationId: "A" }, { stationId: "c,d" }] } },
  });
});

test("each kind of ticket has its fare before anything is ordered, berths by their level", async () => {
  const { search } = room();
  const fares = async (query: object) =>
    search.fares({
      query: { trainNumber: "Z1", originDate: "2026-12-01", from: "A", to: "C", seatClass: "second", ...query },
    } as never);
  const seats = await fares({});
  expect(seats).toMatchObject({ ok: true });
  const { body } = (seats as { value: { body: FareTable } }).value;
  expect(body.fares.map(({ ticketType, kind }) => [ticketType, kind])).toEqual([
    ["adult", "seat"],
    ["child", "seat"],
    ["student", "seat"],
    ["disabledVeteran", "seat"],
  ]);
  expect(await fares({ originDate: "2028-01-01" })).toMatchObject({ error: { code: "RunUnknown" } });
  expect(await fares({ from: "C", to: "A" })).toMatchObject({ error: { code: "NotOnRoute" } });
  expect(await fares({ seatClass: "business" })).toMatchObject({ error: { code: "ClassNotOffered" } });
});

test("each day on sale says how many trains it has and the lowest fare of what is free, and is asked for once in half a minute", async () => {
  const { search, clock, asked } = room({ second: 0, hardSleeper: 1, softSleeper: 4, standing: 0 });
  const days = async (from = "A") => search.days({ query: { from, to: "C" } } as never);
  const first = await days();
  const body = first.ok ? (first.value.body as { readonly days: readonly DayOffer[] }) : null;
  const onSale = windowDays;
  expect(body!.days).toHaveLength(onSale);
  expect(body!.days[0]).toEqual({ date: "2026-12-01", trains: 1, lowestFen: 3_000 + 100 });
  expect(first.ok && first.value.headers).toEqual({ "cache-control": "public, max-age=30" });
  expect(asked).toHaveLength(onSale);
  expect(await days()).toEqual(first);
  await clock.advance(daysKeptMs - 1);
  await days();
  expect(asked).toHaveLength(onSale);
  await clock.advance(1);
  await Promise.all([days(), days()]);
  expect(asked).toHaveLength(2 * onSale);
  // Of what is gone there is no fare; a day without trains has none either.
  const sold = await room({ second: 0 }).search.days({ query: { from: "A", to: "C" } } as never);
  expect(sold).toMatchObject({ value: { body: { days: { 0: { trains: 1, lowestFen: null } } } } });
  expect(await search.days({ query: { from: "A", to: "B" } } as never)).toMatchObject({
    value: { body: { days: { 0: { trains: 0, lowestFen: null } } } },
  });
  expect(await days("nowhere")).toMatchObject({ ok: false, error: { code: "StationUnknown" } });
});

test("a train that is cancelled is none of its day, and has no fare there", async () => {
  offRun = "Z1/2026-12-01" as Run["runId"];
  const answer = await room().search.days({ query: { from: "A", to: "C" } } as never);
  offRun = null;
  expect(answer).toMatchObject({
    value: { body: { days: { 0: { trains: 0, lowestFen: null }, 1: { trains: 1, lowestFen: 3_000 } } } },
  });
});

test("so many ways are looked through at a time and no more; one that is under way already waits with the others", async () => {
  const waiting: (() => void)[] = [];
  const available = (legs: readonly Leg[]) =>
    new Promise<Map<SeatClass, ClassAvailability>[]>((resolve) =>
      waiting.push(() => resolve(legs.map(() => new Map([stockOf("second", 1)])))),
    );
  const daysOf = createDays({ timetable: () => timetable, inventory: { available } });
  const now = epochMs(serviceDayStart(today, zone) + 9 * hourMs);
  const way = (n: number) => daysOf({ from: [`place ${n}`], to: ["C"], dates: [addDays(today, 1)] }, now);
  const asked = Array.from({ length: daysUnderWayMax }, (_, n) => way(n));
  expect(await way(daysUnderWayMax)).toMatchObject({ ok: false, error: { code: "Overloaded" } });
  const again = way(0);
  for (const answer of waiting) answer();
  for (const each of [...asked, again]) expect(await each).toMatchObject({ ok: true, value: [{ trains: 1 }] });
  const later = way(daysUnderWayMax);
  waiting.at(-1)!();
  expect(await later).toMatchObject({ ok: true });
});
