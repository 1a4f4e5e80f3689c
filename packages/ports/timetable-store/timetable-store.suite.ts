/** The rules of a timetable store. */
import { expect, test } from "bun:test";
import { type Composition, runId as runOf, type RunId, type Station } from "@chepiao/contracts";
import { addDays, dayNumber, fen, type ServiceDate, serviceDate, type ZoneName } from "@chepiao/kernel";
import { runsOnDate, serviceDaysOf, serviceSpan } from "./service-days.ts";
import type { PlannedStop, TimetableImport, TimetableStore, TrainPlan } from "./timetable-store.ts";

const zone = "Asia/Shanghai" as ZoneName;
const first = serviceDate("2026-12-01");
const station = (stationId: string): Station => ({
  stationId,
  name: `站${stationId}`,
  city: "城",
  pinyin: "zhan",
  initials: "z",
  nameEn: "Zhan",
  latitude: 39.9,
  longitude: stationId === "C" ? null : 116.4,
});
const composition = (code: string, rows: number): Composition => ({
  code,
  coaches: [{ no: 1, sections: [{ seatClass: "second", rows }] }],
});
const train = (trainNumber: string, days: number, more: Partial<TrainPlan> = {}): TrainPlan => ({
  trainNumber,
  trainType: "highSpeed",
  compositionCode: "S",
  days: serviceSpan(first, days)!,
  stops: ["A", "B", "C"].map((stationId, n) => ({
    stationId,
    arriveS: 80_000 + n * 6_000,
    departS: 80_120 + n * 6_000,
    distanceM: n * 100_000,
  })),
  ...more,
});
const feed = (trains: readonly TrainPlan[], more: Partial<TimetableImport> = {}): TimetableImport => ({
  feedName: "test",
  zone,
  stations: ["A", "B", "C"].map(station),
  trains,
  compositions: [composition("S", 10)],
  fareOverrides: [],
  ...more,
});
const nothingSold = async () => new Set<RunId>();
const sold =
  (...runs: string[]) =>
  async () =>
    new Set(runs as RunId[]);

/** What runs on a date: `number composition-rows at first departure`. */
async function running(store: TimetableStore, date: ServiceDate): Promise<string[]> {
  const timetable = await store.load(first);
  return timetable!.trains
    .filter((version) => runsOnDate(version.days, date))
    .map(({ trainNumber, stops, composition: { coaches } }) => {
      return `${trainNumber} rows ${coaches[0]!.sections[0]!.rows} at ${stops[0]!.departS}`;
    })
    .sort();
}

export function timetableStoreSuite(adapter: string, create: () => Promise<TimetableStore> | TimetableStore): void {
  test(`${adapter}: an empty store has no timetable`, async () => {
    const store = await create();
    expect(await store.version()).toBe(0);
    expect(await store.load(first)).toBeNull();
  });

  test(`${adapter}: a timetable comes back as it was written`, async () => {
    const store = await create();
    const odd = serviceDaysOf([0, 2, 3, 9, 40, 41].map((n) => dayNumber(first) + n))!;
    const [from, via, to] = train("G1", 1).stops as [PlannedStop, PlannedStop, PlannedStop];
    const sided = [from, { ...via, closedTo: "boarding" as const }, { ...to, closedTo: "alighting" as const }];
    const written = feed(
      [
        train("G1", 30),
        train("K2", 1, { days: odd, trainType: "fast" }),
        train("G1", 5, { days: serviceSpan(addDays(first, 30), 5)!, stops: sided }),
      ],
      {
        attributions: [
          { name: "Railway", url: "https://example.org" },
          { name: "Ministry", url: null },
        ],
        stations: [
          station("A"),
          { ...station("B"), aliases: ["zan", "tsan"] },
          { ...station("C"), zone: "Asia/Tokyo" as ZoneName },
        ],
        fareOverrides: [
          { trainNumber: "G1", seatClass: "second", between: null, set: { rateBasisPoints: 9_000 } },
          {
            trainNumber: "G1",
            seatClass: "second",
            between: { fromStationId: "A", toStationId: "B" },
            set: { fareFen: fen(5_550) },
          },
        ],
      },
    );
    const replaced = await store.replace(written, { soldRuns: nothingSold });
    expect(replaced).toEqual({ version: 1, trainCount: 3, conflicts: [], addedCount: 0 });
    const read = (await store.load(first))!;
    expect(read).toEqual({
      version: 1,
      feedName: "test",
      zone,
      stations: written.stations,
      fareOverrides: written.fareOverrides,
      attributions: written.attributions!,
      trains: written.trains.map(({ compositionCode: _code, ...rest }, n) => ({
        ...rest,
        zone,
        composition: written.compositions[0]!,
        trainVersionId: read.trains[n]!.trainVersionId,
      })),
    });
    expect(new Set(read.trains.map((version) => version.trainVersionId)).size).toBe(3);
  });

  test(`${adapter}: trains that no longer run are not loaded`, async () => {
    const store = await create();
    await store.replace(feed([train("G1", 3), train("G3", 9)]), { soldRuns: nothingSold });
    expect((await store.load(addDays(first, 2)))!.trains.length).toBe(2);
    expect((await store.load(addDays(first, 3)))!.trains.map((version) => version.trainNumber)).toEqual(["G3"]);
  });

  test(`${adapter}: a newer feed replaces the older and its trains have new ids`, async () => {
    const store = await create();
    await store.replace(feed([train("G1", 3)]), { soldRuns: nothingSold });
    const before = (await store.load(first))!.trains[0]!.trainVersionId;
    const replaced = await store.replace(feed([train("G5", 3)]), { soldRuns: nothingSold });
    expect(replaced).toEqual({ version: 2, trainCount: 1, conflicts: [], addedCount: 0 });
    expect(await store.version()).toBe(2);
    expect(await running(store, first)).toEqual(["G5 rows 10 at 80120"]);
    expect((await store.load(first))!.trains[0]!.trainVersionId).toBeGreaterThan(before);
  });

  test(`${adapter}: a sold run that the newer feed lacks stays, with its stations, on that date alone`, async () => {
    const store = await create();
    await store.replace(feed([train("G1", 3)]), { soldRuns: nothingSold });
    const stops = train("G7", 1).stops.slice(0, 2);
    const smaller = feed([train("G7", 3, { stops })], { stations: [station("A"), station("B")] });
    const { conflicts } = await store.replace(smaller, { soldRuns: sold("G1/2026-12-02", "G99/2026-12-02", "odd") });
    expect(conflicts).toEqual([{ runId: "G1/2026-12-02" as RunId, reason: "dropped" }]);
    expect(await running(store, first)).toEqual(["G7 rows 10 at 80120"]);
    expect(await running(store, addDays(first, 1))).toEqual(["G1 rows 10 at 80120", "G7 rows 10 at 80120"]);
    expect((await store.load(first))!.stations.map((kept) => kept.stationId).sort()).toEqual(["A", "B", "C"]);
  });

  test(`${adapter}: a sold run keeps the times, stops, seats and zone it was sold with; its other dates follow the newer feed`, async () => {
    const later = train("G1", 1).stops.map((stop) => ({ ...stop, departS: stop.departS + 60 }));
    const closed = train("G1", 1).stops.map((stop, n) => (n === 1 ? { ...stop, closedTo: "boarding" as const } : stop));
    const changes: [string, TimetableImport][] = [
      ["timesChanged", feed([train("G1", 3, { stops: later })])],
      ["stopsChanged", feed([train("G1", 3, { stops: train("G1", 1).stops.slice(0, 2) })])],
      ["stopsChanged", feed([train("G1", 3, { stops: closed })])],
      ["compositionChanged", feed([train("G1", 3)], { compositions: [composition("S", 4)] })],
      ["zoneChanged", feed([train("G1", 3)], { zone: "Asia/Tokyo" as ZoneName })],
    ];
    for (const [reason, newer] of changes) {
      const store = await create();
      await store.replace(feed([train("G1", 3)]), { soldRuns: nothingSold });
      const before = (await store.load(first))!.trains[0]!;
      const { conflicts } = await store.replace(newer, { soldRuns: sold("G1/2026-12-02") });
      expect(conflicts.map(({ runId, reason: why }) => `${runId} ${why}`)).toEqual([`G1/2026-12-02 ${reason}`]);
      const { trains } = (await store.load(first))!;
      const on = (date: ServiceDate) => trains.filter(({ days }) => runsOnDate(days, date));
      const { trainVersionId: _id, days: _days, ...content } = before;
      expect(on(addDays(first, 1))).toEqual([expect.objectContaining(content)]);
      expect(on(first).length).toBe(1);
      expect(on(first)).not.toEqual([expect.objectContaining(content)]);
      expect(on(addDays(first, 2)).length).toBe(1);
    }
  });

  test(`${adapter}: a sold train that the newer feed calls otherwise is not sold a second time under its new number (I1)`, async () => {
    const store = await create();
    await store.replace(feed([train("G1", 3)]), { soldRuns: nothingSold });
    const { conflicts } = await store.replace(feed([train("G7", 3)]), { soldRuns: sold("G1/2026-12-02") });
    expect(conflicts).toEqual([{ runId: "G1/2026-12-02" as RunId, reason: "numberChanged" }]);
    expect(await running(store, first)).toEqual(["G7 rows 10 at 80120"]);
    expect(await running(store, addDays(first, 1))).toEqual(["G1 rows 10 at 80120"]);
    // Two trains that ran side by side before are two trains.
    const twins = await create();
    await twins.replace(feed([train("G1", 3), train("G7", 3)]), { soldRuns: nothingSold });
    const dropped = await twins.replace(feed([train("G7", 3)]), { soldRuns: sold("G1/2026-12-02") });
    expect(dropped.conflicts.map((conflict) => conflict.reason)).toEqual(["dropped"]);
    expect(await running(twins, addDays(first, 1))).toEqual(["G1 rows 10 at 80120", "G7 rows 10 at 80120"]);
  });

  test(`${adapter}: a sold run that the newer feed has unchanged is no conflict, whatever else changes`, async () => {
    const store = await create();
    await store.replace(feed([train("G1", 3)]), { soldRuns: nothingSold });
    const newer = feed([train("G1", 9), train("G3", 9)], {
      fareOverrides: [{ trainNumber: "G1", seatClass: "second", between: null, set: { rateBasisPoints: 5_000 } }],
    });
    expect((await store.replace(newer, { soldRuns: sold("G1/2026-12-02") })).conflicts).toEqual([]);
    expect((await store.load(first))!.trains.length).toBe(2);
  });

  test(`${adapter}: runs that come to days on sale are added ones until they are opened, also through a newer feed`, async () => {
    const store = await create();
    const onSale = { from: first, until: addDays(first, 1) };
    const replace = (...trains: readonly TrainPlan[]) => store.replace(feed(trains), { soldRuns: nothingSold, onSale });
    const added = async () => (await store.load(first))!.added ?? [];
    expect((await replace(train("G1", 3))).addedCount).toBe(0);
    expect([await added(), await store.added(1)]).toEqual([[], []]);
    // On sale are its first two days.
    expect((await replace(train("G1", 3), train("G2", 3))).addedCount).toBe(2);
    expect([...(await added())].sort()).toEqual([runOf("G2", first), runOf("G2", addDays(first, 1))]);
    expect([...(await store.added(2))!].sort()).toEqual([...(await added())].sort());

    // Of those that are not open yet one is gone, and another has come.
    expect((await replace(train("G1", 3), train("G2", 1), train("G3", 1))).addedCount).toBe(1);
    expect([...(await added())].sort()).toEqual([runOf("G2", first), runOf("G3", first)]);
    const [one, other] = [runOf("G2", first), runOf("G3", first)];
    expect([await store.openAdded(2, new Set([one, other])), await store.added(2)]).toEqual([false, null]);
    expect((await added()).length).toBe(2);
    // Each by itself, as often as one likes, and also where somebody else is not one of them.
    for (const runIds of [[one], [one, runOf("G1", first)]]) {
      expect(await store.openAdded(3, new Set(runIds))).toBe(true);
      expect([await added(), await store.added(3)]).toEqual([[other], [other]]);
    }
    expect(await store.openAdded(3, new Set([other]))).toBe(true);
    expect([await added(), await store.added(3)]).toEqual([[], []]);
    expect(await store.openAdded(3, new Set([other]))).toBe(true);

    // What was there before is not added, and without days on sale nothing is.
    expect((await replace(train("G2", 1), train("G3", 1))).addedCount).toBe(0);
    expect((await store.replace(feed([train("G9", 3)]), { soldRuns: nothingSold })).addedCount).toBe(0);
    expect(await added()).toEqual([]);
  });

  test(`${adapter}: a trial says what would come of it, and changes nothing`, async () => {
    const store = await create();
    await store.replace(feed([train("G1", 3)]), { soldRuns: nothingSold });
    const other = feed([train("G7", 3, { stops: train("G7", 1).stops.slice(0, 2) })]);
    const soldRuns = sold("G1/2026-12-02");
    const said = await store.replace(other, { soldRuns, isTrial: true });
    expect(said).toEqual({
      version: 2,
      trainCount: 2,
      conflicts: [{ runId: "G1/2026-12-02" as RunId, reason: "dropped" }],
      addedCount: 0,
    });
    expect(await store.version()).toBe(1);
    expect(await running(store, first)).toEqual(["G1 rows 10 at 80120"]);
    expect(await store.replace(other, { soldRuns })).toEqual(said);
  });

  test(`${adapter}: a run kept once is kept again by the next feed`, async () => {
    const store = await create();
    await store.replace(feed([train("G1", 3)]), { soldRuns: nothingSold });
    const soldRuns = sold("G1/2026-12-02");
    const otherStops = train("G7", 1).stops.slice(0, 2);
    for (let round = 0; round < 3; round++) {
      const { conflicts } = await store.replace(feed([train("G7", 3, { stops: otherStops })]), { soldRuns });
      expect(conflicts.map((conflict) => conflict.reason)).toEqual(["dropped"]);
    }
    expect(await running(store, addDays(first, 1))).toEqual(["G1 rows 10 at 80120", "G7 rows 10 at 80120"]);
  });

  test(`${adapter}: trips, platforms and fares of the feed come back, and go on with a train that is kept`, async () => {
    const store = await create();
    const fares: TrainPlan["fares"] = [
      { seatClass: "second", ticketType: "adult", byWay: [fen(100), null, fen(1_000_000)] },
      { seatClass: "second", ticketType: "child", byWay: [null, null, fen(7)] },
    ];
    const trips = [{ tripId: "T,1", routeId: "R", firstStop: 0, sequences: [1, 5, 9] }];
    const stations = ["A", "B", "C"].map(station).map((each) => ({ ...each, stopIds: ["p,1", "p2"] }));
    const priced = feed([train("G1", 3, { fares, trips }), train("G2", 3, { fares })], { stations });
    await store.replace(priced, { soldRuns: nothingSold });
    await store.replace(feed([train("G2", 3)]), { soldRuns: sold("G1/2026-12-02") });
    const { trains } = (await store.load(first))!;
    expect(trains.map((each) => each.fares)).toEqual([undefined, fares]);
    expect(Object.hasOwn(trains[1]!, "trips")).toBe(false);
    expect(await store.tripsOf(first)).toEqual(new Map([[trains[1]!.trainVersionId, trips]]));
    expect(await store.tripsOf(addDays(first, 2))).toEqual(new Map());
    await store.replace(priced, { soldRuns: nothingSold });
    expect((await store.load(first))!.stations).toEqual(stations);
  });

  test(`${adapter}: trains that a newer feed joins, or parts again, are not sold twice on dates with sold seats (I1)`, async () => {
    const store = await create();
    const part = (trainNumber: string, from: number, to: number, tripId: string) =>
      train(trainNumber, 3, {
        stops: train("", 1).stops.slice(from, to),
        trips: [{ tripId, routeId: "R", firstStop: 0, sequences: [1, 2] }],
      });
    const parts = feed([part("G1", 0, 2, "T1"), part("G2", 1, 3, "T2")]);
    const trips = ["T1", "T2"].map((tripId, n) => ({ tripId, routeId: "R", firstStop: n, sequences: [1, 2] }));
    const joined = feed([train("G1+G2", 3, { trips })]);
    const day = addDays(first, 1);
    await store.replace(parts, { soldRuns: nothingSold });
    const { conflicts } = await store.replace(joined, { soldRuns: sold("G2/2026-12-02") });
    expect(conflicts).toEqual([{ runId: "G2/2026-12-02" as RunId, reason: "numberChanged" }]);
    expect(await running(store, first)).toEqual(["G1+G2 rows 10 at 80120"]);
    expect(await running(store, day)).toEqual(["G1 rows 10 at 80120", "G2 rows 10 at 86120"]);
    await store.replace(joined, { soldRuns: nothingSold });
    await store.replace(parts, { soldRuns: sold("G1+G2/2026-12-02") });
    expect(await running(store, day)).toEqual(["G1+G2 rows 10 at 80120"]);
    expect(await running(store, first)).toEqual(["G1 rows 10 at 80120", "G2 rows 10 at 86120"]);
  });

  test(`${adapter}: a timetable that cannot be written leaves the one before in place`, async () => {
    const store = await create();
    await store.replace(feed([train("G1", 3)]), { soldRuns: nothingSold });
    const broken = feed([train("G9", 3), train("G9", 1)]);
    expect(await failureOf(store.replace(broken, { soldRuns: nothingSold }))).toContain(
      "two trains of this number on one date",
    );
    const refusing = async () => {
      throw new Error("the order store is away");
    };
    expect(await failureOf(store.replace(feed([]), { soldRuns: refusing }))).toContain("away");
    expect(await store.version()).toBe(1);
    expect(await running(store, first)).toEqual(["G1 rows 10 at 80120"]);
  });
}

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it went well",
    (error: unknown) => String(error),
  );
