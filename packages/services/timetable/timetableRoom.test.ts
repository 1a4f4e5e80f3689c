/** The room as a whole: reloading, its answers, and the trains that come with the platform. */
import { expect, test } from "bun:test";
import { type RunId, runId, seatsOf, standingParent } from "@chepiao/contracts";
import { epochMs, hourMs, seatsPerClassMax, serviceDate, type ZoneName } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryRunStateStore, operatorSays, operatorSource } from "@chepiao/ports/run-states";
import { createMemoryTimetableStore, serviceSpan, type TimetableImport } from "@chepiao/ports/timetable-store";
import { createMemoryWithdrawnCoachStore, isRunAs } from "@chepiao/ports/withdrawn-coaches";
import { builtInCompositions, createTimetableRoom, defaultComposition } from "./index.ts";
import { station } from "./testing.ts";

const feed = (trainNumber: string): TimetableImport => ({
  feedName: "test",
  zone: "Asia/Shanghai" as ZoneName,
  stations: [station("A", "甲"), station("B", "乙")],
  compositions: builtInCompositions,
  fareOverrides: [],
  trains: [
    {
      trainNumber,
      trainType: "highSpeed",
      compositionCode: "CR400AF",
      days: serviceSpan(serviceDate("2026-12-01"), 30)!,
      stops: ["A", "B"].map((stationId, n) => ({
        stationId,
        arriveS: n * 7_200,
        departS: n * 7_200,
        distanceM: n * 500_000,
      })),
    },
  ],
});
const soldRuns = async () => new Set<never>();

const now = epochMs(Date.parse("2026-12-01T09:00:00+08:00"));

async function room() {
  const store = createMemoryTimetableStore();
  await store.replace(feed("G1"), { soldRuns });
  const runStates = createMemoryRunStateStore();
  const withdrawnCoaches = createMemoryWithdrawnCoachStore();
  const ticket = await createTimetableRoom({ store, runStates, withdrawnCoaches, clock: createManualClock(now) });
  return { store, ticket, runStates, withdrawnCoaches };
}
const call = (params: object) => ({ params }) as never;

test("after a reload the same timetable object knows the newer trains", async () => {
  const { store, ticket } = await room();
  const { timetable } = ticket;
  expect(await ticket.reload()).toBe(false);
  await store.replace(feed("G5"), { soldRuns });
  expect(timetable.knowsTrain("G5")).toBe(false);
  expect(await ticket.reload()).toBe(true);
  expect(timetable.knowsTrain("G5")).toBe(true);
  expect(timetable.knowsTrain("G1")).toBe(false);
  expect(timetable.version).toBe(2);
});

test("what a purchase was handed stays as it is, and the next one is handed the newer trains", async () => {
  const { store, ticket } = await room();
  const before = ticket.current();
  await store.replace(feed("G5"), { soldRuns });
  await ticket.reload();
  expect([before.knowsTrain("G1"), before.knowsTrain("G5"), before.version]).toEqual([true, false, 1]);
  expect([ticket.current().knowsTrain("G1"), ticket.current().knowsTrain("G5")]).toEqual([false, true]);
});

test("I5 runs that were added are known with their timetable, until this process or another has opened them", async () => {
  const { store, ticket } = await room();
  const onSale = { from: serviceDate("2026-12-01"), until: serviceDate("2026-12-02") };
  const added = () => [...ticket.added().runIds].map(String).sort();
  await store.replace(feed("G5"), { soldRuns, onSale });
  expect(added()).toEqual([]);
  await ticket.reload();
  expect([ticket.added().version, added()]).toEqual([2, ["G5/2026-12-01", "G5/2026-12-02"]]);
  await ticket.reload();
  expect(added().length).toBe(2);
  const [one, other] = [...ticket.added().runIds] as [RunId, RunId];
  expect(await ticket.openAdded(1, new Set([one]))).toBe(false);
  expect(added().length).toBe(2);
  expect([await ticket.openAdded(2, new Set([one])), added()]).toEqual([true, [other]]);
  await store.openAdded(2, new Set([other]));
  expect(await ticket.reload()).toBe(false);
  expect(added()).toEqual([]);

  await store.replace(feed("G6"), { soldRuns, onSale });
  await ticket.reload();
  expect(added().length).toBe(2);
  expect([await ticket.openAdded(3, ticket.added().runIds), added()]).toEqual([true, []]);
});

test("a run that is exchanged is made of the other composition on its day, everywhere in the timetable, also under a newer one", async () => {
  const { ticket, withdrawnCoaches, store } = await room();
  const [day, next] = [serviceDate("2026-12-02"), serviceDate("2026-12-03")];
  const before = ticket.timetable.run("G1", day)!;
  const [first] = ticket.timetable.legs(["A"], ["B"], day);
  const other = builtInCompositions.find(({ code }) => code === "CRH2A")!;
  const exchange = {
    compositions: [before.train.composition, other] as const,
    since: now,
    closedAt: null,
    openedAt: null,
  };
  const said = { runId: runId("G1", day), coachNos: [], lost: [], exchange };
  await withdrawnCoaches.set(0, said);
  const { version } = ticket.timetable;
  expect(await ticket.refreshStates()).toBe(true);
  expect(ticket.timetable.version).toBeGreaterThan(version);
  const after = ticket.timetable.run("G1", day)!;
  expect(isRunAs(after, exchange)).toBe(true);
  expect(ticket.timetable.legs(["A"], ["B"], day)[0]!.run).toBe(after);
  expect([...ticket.timetable.runsOn(day)]).toEqual([after]);
  expect(first!.run.train.composition).toBe(before.train.composition);
  expect(ticket.timetable.run("G1", next)!.train.composition).toEqual(before.train.composition);
  const facts = await ticket.handlers.run(call({ trainNumber: "G1", originDate: day }));
  expect(facts).toMatchObject({ ok: true, value: { body: { rollingStock: "CRH2A", coaches: { length: 8 } } } });
  const asked = { query: { runs: said.runId } } as never;
  expect(await ticket.handlers.status(asked)).toMatchObject({ value: { body: { runs: [{ exchangedTo: "CRH2A" }] } } });
  // Another word of it makes no timetable anew.
  await withdrawnCoaches.set(1, { ...said, exchange: { ...exchange, closedAt: now } });
  const standing = ticket.timetable.version;
  await ticket.refreshStates();
  expect([ticket.timetable.version, ticket.timetable.run("G1", day)]).toEqual([standing, after]);
  await store.replace(feed("G1"), { soldRuns });
  await ticket.reload();
  expect(isRunAs(ticket.timetable.run("G1", day)!, exchange)).toBe(true);
});

test("without a timetable the room does not open", async () => {
  const empty = createTimetableRoom({
    store: createMemoryTimetableStore(),
    clock: createManualClock(epochMs(0)),
  });
  expect(await empty.catch(String)).toContain("no timetable was imported yet");
});

test("a run tells its coaches and fares; one that does not run is refused", async () => {
  const { ticket } = await room();
  const answer = await ticket.handlers.run(call({ trainNumber: "G1", originDate: "2026-12-02" }));
  expect(answer).toMatchObject({
    ok: true,
    value: {
      body: {
        runId: "G1/2026-12-02",
        rollingStock: "CR400AF",
        fares: [
          { seatClass: "business" },
          { seatClass: "first" },
          { seatClass: "second", fullWayFen: 22_750 },
          { seatClass: "standing" },
        ],
      },
    },
  });
  for (const originDate of ["2025-12-02", "2026-13-45"])
    expect(await ticket.handlers.run(call({ trainNumber: "G1", originDate }))).toMatchObject({
      ok: false,
      error: { code: "RunUnknown" },
    });
});

test("of a train that an operator has cancelled everybody is told from when the money goes back by itself, and of a feed's word nobody is", async () => {
  const { ticket, runStates } = await room();
  const [byOperator, byFeed] = ["2026-12-02", "2026-12-03"].map((date) => runId("G1", serviceDate(date)));
  await runStates.replace(operatorSource(byOperator!), operatorSays(byOperator!, true, now, 3 * hourMs), now);
  await runStates.replace("feed", operatorSays(byFeed!, true, now), now);
  await ticket.refreshStates();
  const asked = { query: { runs: `${byOperator},${byFeed}` } } as never;
  expect(await ticket.handlers.status(asked)).toMatchObject({
    value: { body: { runs: [{ cancelled: true, refundsFrom: "2026-12-01T12:00:00+08:00" }, { cancelled: true }] } },
  });
  expect(ticket.timetable.stateOf(byFeed!)).not.toHaveProperty("refundsFrom");
});

test("built-in trains have coaches in order, seats within the limit, and a class to stand in", () => {
  for (const composition of builtInCompositions) {
    const numbers = composition.coaches.map((coach) => coach.no);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    for (const seats of seatsOf(composition).values()) expect(seats.length).toBeLessThanOrEqual(seatsPerClassMax);
    expect(standingParent(composition)).not.toBeNull();
  }
  const codes = builtInCompositions.map((composition) => composition.code);
  for (const code of Object.values(defaultComposition)) expect(codes).toContain(code);
});
