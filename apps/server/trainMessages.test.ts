/** Messages about trains: which runs they mean, what they say of each stop, and how a source is read. */
import { expect, test } from "bun:test";
import type { RunsStatus, RunState } from "@chepiao/contracts";
import { addDays, epochMs, minuteMs, secondMs, serviceDate, type ZoneName } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import {
  createMemoryRunStateStore,
  type StopMessage,
  type TrainMessages,
  type TripMessage,
} from "@chepiao/ports/run-states";
import { createMemoryTimetableStore, serviceSpan, type TrainPlan } from "@chepiao/ports/timetable-store";
import { builtInCompositions, createTimetableRoom } from "@chepiao/services/timetable";
import { createReader, createTrainMessages, type TakenOver } from "@chepiao/services/trainMessages";

const zone = "Europe/Berlin" as ZoneName;
const today = serviceDate("2026-12-01");
const now = epochMs(Date.parse("2026-12-01T09:30:00+01:00"));
const at = (text: string) => epochMs(Date.parse(`2026-12-01T${text}+01:00`));
const h = (hours: number, minutes = 0) => hours * 3_600 + minutes * 60;

const train = (trainNumber: string, times: readonly number[], trips: TrainPlan["trips"]): TrainPlan => ({
  trainNumber,
  trainType: "emu",
  compositionCode: "CR400AF",
  days: serviceSpan(addDays(today, -3), 10)!,
  stops: times.map((time, n) => ({
    stationId: "ABCDE"[n]!,
    arriveS: time,
    departS: n === 0 ? time : time + 120,
    distanceM: n * 100_000,
  })),
  ...(trips && { trips }),
});
const station = (stationId: string) => ({
  stationId,
  name: stationId,
  city: stationId,
  pinyin: "",
  initials: "",
  nameEn: "",
  latitude: null,
  longitude: null,
  stopIds: [`${stationId}1`, `${stationId}2`],
});
const trains = [
  train("S1", [h(9), h(10), h(11), h(12)], [{ tripId: "T1", routeId: "R", firstStop: 0, sequences: [10, 20, 30, 40] }]),
  train(
    "S2+S3",
    [h(9), h(10), h(11), h(12)],
    [
      { tripId: "T2", routeId: "R", firstStop: 0, sequences: [1, 2, 3] },
      { tripId: "T3", routeId: "Q", firstStop: 2, sequences: [1, 2] },
    ],
  ),
  ...[8, 9, 10].map((hour) =>
    train(`H${hour}`, [h(hour), h(hour + 1)], [{ tripId: "TH", routeId: "H", firstStop: 0, sequences: [1, 2] }]),
  ),
  train("N1", [h(23), h(26)], [{ tripId: "TN", routeId: "N", firstStop: 0, sequences: [1, 2] }]),
];

async function platform() {
  const clock = createManualClock(now);
  const store = createMemoryTimetableStore();
  await store.replace(
    {
      feedName: "test",
      zone,
      stations: ["A", "B", "C", "D", "E"].map(station),
      trains,
      compositions: builtInCompositions,
      fareOverrides: [],
    },
    { soldRuns: async () => new Set() },
  );
  const states = createMemoryRunStateStore();
  const room = await createTimetableRoom({ store, runStates: states, clock });
  const asked: string[][] = [];
  const messages = createTrainMessages({
    states,
    store,
    timetable: () => room.timetable,
    clock,
    orders: {
      async holdersOf(runIds) {
        asked.push([...runIds]);
        return new Map(runIds.map((runId) => [runId, 3]));
      },
    },
  });
  return { clock, states, room, messages, asked };
}

const trip = (tripId: string, more: Partial<TripMessage> = {}): TripMessage => ({
  tripId,
  startDate: "20261201",
  startTime: "",
  isCancelled: false,
  delayS: null,
  stops: [],
  ...more,
});
const stop = (sequence: number | null, more: Partial<StopMessage> = {}): StopMessage => ({
  sequence,
  stopId: "",
  says: "times",
  arrival: null,
  departure: null,
  ...more,
});
const feed = (trips: readonly TripMessage[], more: Partial<TrainMessages> = {}): TrainMessages => ({
  at: now,
  trips,
  alerts: [],
  ...more,
});

async function said(messages: TrainMessages) {
  const { states, messages: room } = await platform();
  const taken = await room.takeOver({ name: "a", read: async () => messages });
  const { runs, notices } = (await states.read()).get("a")!;
  return { taken, runs, notices };
}
const shown = ({ runId, isCancelled, stops }: RunState) =>
  `${runId}${isCancelled ? " cancelled" : ""} ${stops
    .map(
      (each) =>
        `${each.stop}:${each.isSkipped ? "skipped" : `${each.arriveDelayS ?? "-"}/${each.departDelayS ?? "-"}`}`,
    )
    .join(" ")}`.trim();
const statesOf = async (...trips: TripMessage[]) => (await said(feed(trips))).runs.map(shown);

test("a delay holds from its stop on until something else is said, and of stops before nothing is known", async () => {
  expect(await statesOf(trip("T1", { stops: [stop(20, { arrival: { delayS: 540 } })] }))).toEqual([
    "S1/2026-12-01 1:540/540 2:540/540 3:540/-",
  ]);
  const more = [
    stop(10, { departure: { delayS: 60 } }),
    stop(30, { arrival: { delayS: 300 }, departure: { delayS: 120 } }),
  ];
  expect(await statesOf(trip("T1", { stops: more }))).toEqual(["S1/2026-12-01 0:-/60 1:60/60 2:300/120 3:120/-"]);
  const ends = [stop(10, { departure: { delayS: 60 } }), stop(30, { says: "nothing" })];
  expect(await statesOf(trip("T1", { stops: ends }))).toEqual(["S1/2026-12-01 0:-/60 1:60/60"]);
});

test("a time is compared with the plan, and a stop may be named by its platform", async () => {
  const stops = [stop(null, { stopId: "B2", arrival: { at: at("10:09:00") }, departure: { at: at("10:10:30") } })];
  expect(await statesOf(trip("T1", { stops }))).toEqual(["S1/2026-12-01 1:540/510 2:510/510 3:510/-"]);
});

test("a stop that is skipped is told, and what is known goes on behind it", async () => {
  const stops = [stop(10, { departure: { delayS: 60 } }), stop(20, { says: "skipped" })];
  expect(await statesOf(trip("T1", { stops }))).toEqual(["S1/2026-12-01 0:-/60 1:skipped 2:60/60 3:60/-"]);
});

test("a delay of the whole trip holds where nothing is said of stops; one of more than a day is a slip", async () => {
  expect(await statesOf(trip("T1", { delayS: 60 }))).toEqual(["S1/2026-12-01 0:-/60 1:60/60 2:60/60 3:60/-"]);
  expect(await statesOf(trip("T1", { stops: [stop(10, { departure: { delayS: 90_000 } })] }))).toEqual([]);
});

test("a train of several trips is cancelled where all are, and otherwise does not call where only the cancelled one goes", async () => {
  const off = { isCancelled: true };
  expect(await statesOf(trip("T2", off), trip("T3", off))).toEqual(["S2+S3/2026-12-01 cancelled"]);
  expect(await statesOf(trip("T3", off))).toEqual(["S2+S3/2026-12-01 3:skipped"]);
  expect(await statesOf(trip("T2", off))).toEqual(["S2+S3/2026-12-01 0:skipped 1:skipped"]);
  expect(await statesOf(trip("T1", off))).toEqual(["S1/2026-12-01 cancelled"]);
});

test("trips by headway are told apart by when they start, and a trip without a date is the one under way", async () => {
  const late = { stops: [stop(1, { departure: { delayS: 60 } })] };
  expect(await statesOf(trip("TH", { ...late, startTime: "09:00:00" }))).toEqual(["H9/2026-12-01 0:-/60 1:60/-"]);
  expect(await statesOf(trip("T1", { startDate: "", isCancelled: true }))).toEqual(["S1/2026-12-01 cancelled"]);
  const night = feed([trip("TN", { startDate: "", isCancelled: true })], { at: at("01:30:00") });
  expect((await said(night)).runs.map(shown)).toEqual(["N1/2026-11-30 cancelled"]);
});

test("trips of no train, or of no such day, are counted", async () => {
  const { taken } = await said(feed([trip("bus"), trip("T1", { startDate: "20271201" }), trip("T1")]));
  expect(taken.unknownTrips).toEqual(["bus", "T1"]);
});

test("alerts become notices of their trains, stations, or everything; what is about others is none", async () => {
  const alert = { text: [], url: null, periods: [], trips: [], stopIds: [], routeIds: [], isWide: false };
  const title = [
    { language: "en", text: "Wind" },
    { language: "zh-hans", text: "大风" },
  ];
  const one = [{ language: "de", text: "Sturm" }];
  const { notices } = await said(
    feed([], {
      alerts: [
        { ...alert, title, trips: [{ tripId: "T1", startDate: "", startTime: "" }] },
        { ...alert, title: one, stopIds: ["B1", "B2"], periods: [{ from: epochMs(1), until: epochMs(2) }] },
        { ...alert, title: one, routeIds: ["Q"] },
        { ...alert, title: one, routeIds: ["bus"] },
        { ...alert, title: one, isWide: true },
        { ...alert, title: [], isWide: true },
      ],
    }),
  );
  const plain = { text: { zh: "", en: "" }, url: null, from: null, until: null, trainNumbers: [], stationIds: [] };
  const storm = { zh: "Sturm", en: "Sturm" };
  expect(notices).toEqual([
    { ...plain, title: { zh: "大风", en: "Wind" }, trainNumbers: ["S1"] },
    { ...plain, title: storm, stationIds: ["B"], from: epochMs(1), until: epochMs(2) },
    { ...plain, title: storm, trainNumbers: ["S2+S3"] },
    { ...plain, title: storm },
  ]);
});

test("what is cancelled is told once, with the orders it touches, and is known to the timetable", async () => {
  const { messages, room, asked } = await platform();
  const read = (trips: readonly TripMessage[], later = 0) => ({
    name: "a",
    read: async () => feed(trips, { at: epochMs(now + later) }),
  });
  const off = [trip("T1", { isCancelled: true })];
  expect((await messages.takeOver(read(off))).cancelled).toEqual([
    { runId: "S1/2026-12-01", orderCount: 3 } as TakenOver["cancelled"][number],
  ]);
  expect((await messages.takeOver(read(off))).isNewer).toBe(false);
  const again = await messages.takeOver(read(off, 1));
  expect([again.cancelled, again.cancelledCount]).toEqual([[], 1]);
  expect(asked.filter((runs) => runs.length > 0)).toEqual([["S1/2026-12-01"]]);
  const { timetable } = room;
  const before = timetable.cancellations();
  await room.refreshStates();
  const run = timetable.run("S1", today)!;
  expect(timetable.stateOf(run.runId)?.isCancelled).toBe(true);
  expect(timetable.cancellations()).toBeGreaterThan(before);
  await messages.takeOver(read([], 2));
  await room.refreshStates();
  expect(timetable.stateOf(run.runId)).toBeNull();
});

test("delays are forgotten when nobody says them any more, and cancellations are not", async () => {
  const { messages, room, clock } = await platform();
  const trips = [
    trip("T1", { stops: [stop(20, { arrival: { delayS: 540 } })] }),
    trip("T2", { isCancelled: true }),
    trip("T3", { isCancelled: true }),
    trip("TN", { stops: [stop(1, { departure: { delayS: 60 } }), stop(2, { says: "skipped" })] }),
  ];
  await messages.takeOver({ name: "a", read: async () => feed(trips) });
  await room.refreshStates();
  const known = () =>
    ["S1", "S2+S3", "N1"].map((number) => {
      const state = room.timetable.stateOf(room.timetable.run(number, today)!.runId);
      return state && shown(state);
    });
  expect(known()).toEqual([
    "S1/2026-12-01 1:540/540 2:540/540 3:540/-",
    "S2+S3/2026-12-01 cancelled",
    "N1/2026-12-01 0:-/60 1:skipped",
  ]);
  await clock.advance(10 * minuteMs);
  expect(known()).toEqual([null, "S2+S3/2026-12-01 cancelled", "N1/2026-12-01 1:skipped"]);
});

test("a source that is away is asked ever more rarely, and as often as before when it is back", async () => {
  const { messages, clock } = await platform();
  let asked = 0;
  let isAway = true;
  const source = {
    name: "a",
    async read() {
      asked++;
      if (isAway) throw new Error("away");
      return feed([], { at: epochMs(clock.now()) });
    },
  };
  const read = createReader(source, { messages, clock, told: () => {} });
  const passes = async (count: number) => {
    for (let pass = 0; pass < count; pass++) {
      await read().catch(() => {});
      await clock.advance(30 * secondMs);
    }
  };
  await passes(20);
  expect([asked > 2, asked < 6]).toEqual([true, true]);
  asked = 0;
  await passes(40);
  expect([asked > 1, asked < 4]).toEqual([true, true]);
  isAway = false;
  await passes(40);
  asked = 0;
  await passes(10);
  expect(asked).toBe(10);
});

test("the public answer says what is expected, in the station's clock, and which notices belong to it", async () => {
  const { messages, room } = await platform();
  const alert = { text: [], url: null, periods: [], trips: [], stopIds: [], routeIds: [], isWide: false };
  const title = [{ language: "", text: "Works" }];
  await messages.takeOver({
    name: "a",
    read: async () =>
      feed(
        [
          trip("T1", { stops: [stop(20, { arrival: { delayS: 540 } })] }),
          trip("TH", { startTime: "10:00:00", isCancelled: true }),
        ],
        {
          alerts: [
            { ...alert, title, stopIds: ["C1"] },
            { ...alert, title: [{ language: "", text: "Elsewhere" }], stopIds: ["E1"] },
          ],
        },
      ),
  });
  await room.refreshStates();
  const ask = (runs: string) => {
    const answer = room.handlers.status({ query: { runs } } as never);
    if (answer instanceof Promise || !answer.ok) throw new Error("no answer");
    return answer.value.body as RunsStatus;
  };
  const answer = ask("S1/2026-12-01,H10/2026-12-01,H8/2026-12-01,none/2026-12-01");
  expect(answer.runs.map((run) => ({ ...run, stops: run.stops.slice(0, 1) }))).toEqual([
    {
      trainNumber: "S1",
      originDate: "2026-12-01",
      cancelled: false,
      stops: [
        {
          stop: 1,
          stationId: "B",
          arriveAt: "2026-12-01T10:09:00+01:00",
          departAt: "2026-12-01T10:11:00+01:00",
          arriveMinutesLate: 9,
          departMinutesLate: 9,
          skipped: false,
        },
      ],
    },
    { trainNumber: "H10", originDate: "2026-12-01", cancelled: true, stops: [] },
  ]);
  expect(answer.notices).toEqual([{ title: { zh: "Works", en: "Works" }, text: { zh: "", en: "" }, url: null }]);
  expect(ask("H8/2026-12-01").notices).toEqual([]);
});
