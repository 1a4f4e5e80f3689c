/** Those who wait are the same to a room beside the inventory and to one in another process: each call, with what it may be asked. */
import { afterAll, expect, test } from "bun:test";
import { inventoryClient, type InventoryClient, type LinesClient, type Need, type Timetable } from "@chepiao/contracts";
import { epochMs, minuteMs, type OrderId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { coachesOf, eve, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import Type from "typebox";
import { answerCalls, createRemoteClient } from "./remote.ts";
import { callerOf, serveRole } from "./role.suite.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const run = testRun(coachesOf(["second", 1]), 4, "G1");
const timetable = () => ({ run: () => run }) as Pick<Timetable, "run"> as Timetable;

function clientOf(): InventoryClient & LinesClient {
  const seats = createMemorySeatStore();
  const { waitlists } = seats;
  return {
    hold: (commands) => seats.hold(commands, eve),
    confirm: seats.confirm,
    release: async (hold, seatIndexes) => void (await seats.release(hold, eve, seatIndexes)),
    available: (legs) => seats.available(legs, eve),
    freeSeats: seats.freeSeats,
    join: (needs) => waitlists.join(needs, eve),
    leave: (names) => waitlists.leave(run, names),
    setLine: async (of, needs, upTo) => void (await waitlists.set(of, needs, upTo, eve)),
    serveLines: async (runs) => void (await waitlists.serve(runs, eve)),
    grants: waitlists.grants,
    groups: waitlists.groups,
    ahead: (places) => Promise.all(places.map((place) => waitlists.ahead(place))),
  };
}

const farOf = (url: string) =>
  cleanUp.use(
    createRemoteClient(inventoryClient, {
      caller: callerOf([url], { role: "inventory" }),
      clock: { ...createManualClock(eve), soon: (call) => void setImmediate(call) },
    }),
  );

const need = (holdId: number, partySize: number, place: number): Need => ({
  holdId: holdId as OrderId,
  line: 0,
  run,
  seatClasses: ["second"],
  fromStop: 0,
  toStop: 3,
  preferences: Array.from({ length: partySize }, () => null),
  place,
});

test("who waits joins, is counted, served, set anew and leaves alike; who only asks has no name", async () => {
  const near = clientOf();
  const role = serveRole([answerCalls(inventoryClient, clientOf(), { timetable })]);
  cleanUp.defer(() => role.stop());
  const far = farOf(role.url);
  const { holdId: _, line: __, preferences: ___, ...place } = need(1, 1, eve);
  const sale = { ...need(1, 5, eve), seatClass: "second", deadline: epochMs(eve + minuteMs) } as const;
  const told = [];
  for (const client of [near, far]) {
    const held = await client.hold([sale]);
    const joined = await client.join([need(2, 2, eve - 3), need(3, 1, eve - 2), need(4, 6, eve - 1)]);
    const ahead = await client.ahead([place, { ...place, place: 0 }, { ...place, fromStop: 2 }, need(3, 1, eve - 2)]);
    await client.release(
      { runId: run.runId, holdId: sale.holdId, line: 0 },
      held[0]!.ok ? [held[0]!.value.seatIndexes[0]!] : [],
    );
    const served = await client.grants(run);
    await client.setLine(run, [need(2, 2, eve - 3)], eve);
    const groups = await client.groups(run);
    await client.leave([{ runId: run.runId, holdId: 2 as OrderId, line: 0 }]);
    await client.serveLines([run]);
    told.push({ held, joined, ahead, served, groups, left: await client.groups(run) });
  }
  expect(told[1]).toEqual(told[0]);
  expect(told[0]).toMatchObject({ joined: [null, null, null], ahead: [3, 0, 3, 1] });
  expect(told[0]!.served.map((grant) => grant.holdId as number)).toEqual([3]);
  expect(told[0]!.groups.map(({ partySize }) => partySize)).toEqual([2]);
  expect(told[0]!.left).toEqual([]);
});

/** As it was before places could be asked about without a name: whole needs, each with one. */
const aheadBefore = {
  ...inventoryClient.methods["ahead"],
  asksIn: "needs",
  ask: Type.Object({ needs: Type.Array(Type.Object({ holdId: Type.Integer() })) }),
};
const before = {
  ...inventoryClient,
  methods: { ...inventoryClient.methods, ahead: aheadBefore },
} as typeof inventoryClient;

test("a role of a version before neither fails nor is failed by the question how many are ahead", async () => {
  const older = serveRole([answerCalls(before, clientOf(), { timetable })]);
  const newer = serveRole([answerCalls(inventoryClient, clientOf(), { timetable })]);
  const without = serveRole([]);
  for (const role of [older, newer, without]) cleanUp.defer(() => role.stop());
  const { holdId: _, line: __, preferences: ___, ...place } = need(1, 1, eve);
  // Nobody is told that he is first because his question was not understood.
  for (const role of [older, without]) expect(await farOf(role.url).ahead([place, place])).toEqual([null, null]);

  const asksAsBefore = callerOf([newer.url], { role: "inventory" });
  const { run: _run, ...wire } = need(4, 1, eve);
  const named = { trainNumber: "G1", originDate: run.originDate, trainVersionId: run.train.trainVersionId };
  await farOf(newer.url).hold([{ ...need(1, 5, eve), seatClass: "second", deadline: epochMs(eve + minuteMs) }]);
  await farOf(newer.url).join([need(2, 2, eve - 3)]);
  expect(await asksAsBefore.ask(aheadBefore as never, { needs: [{ ...wire, run: named }] } as never)).toEqual({
    ahead: [1],
  } as never);
  expect(await farOf(newer.url).ahead([place])).toEqual([1]);
  // Nonsense is refused as ever.
  expect(asksAsBefore.ask(aheadBefore as never, { anything: [] } as never)).rejects.toThrow("400");
});
