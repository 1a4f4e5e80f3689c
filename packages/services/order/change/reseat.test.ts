/** Who sits in a coach that the train has lost is given another seat of it, through the whole order room: one valid ticket each, and nothing to pay. */
import { expect, test } from "bun:test";
import { type OrderAccepted, runId, type SeatClass } from "@chepiao/contracts";
import { epochMs, hourMs, orderIdOf } from "@chepiao/kernel";
import {
  child,
  createWorld,
  departure,
  requestOf,
  sold,
  travelDate,
  type World,
  type WorldOptions,
} from "../order.twin.ts";

const run = runId("G1", travelDate);

/** Two adults in second class by G1 from A to C, 10,000 fen each, all of which is in coach 1. */
async function ticketed(options: WorldOptions = {}, userId = 1) {
  const world = await createWorld(options);
  const { orderNo, totalFen } = sold(await world.submit(userId, requestOf(userId, { to: "C", people: [0, 1] })));
  await world.rest();
  await world.pay(orderNo, totalFen);
  const { tickets } = await world.load(orderNo);
  return { world, orderNo, nos: tickets.map(({ ticketNo }) => ticketNo), seats: tickets.map(({ seat }) => seat) };
}

const lose = async ({ withdrawnCoaches, clock }: World, coachNo: number) =>
  void (await withdrawnCoaches.set(await withdrawnCoaches.version(), {
    runId: run,
    coachNos: [coachNo],
    lost: [{ no: coachNo, since: clock.now() }],
  }));
async function reseat(world: World, orderNo: string, ticketNos: readonly string[], seatClass: SeatClass) {
  const answer = await world.room().client.reseat({ orderId: orderIdOf(orderNo)!, ticketNos, seatClass });
  return answer.ok ? (answer.value as string) : { code: answer.error.code };
}
const statesOf = async (world: World, orderNo: string) => {
  const { state, tickets } = await world.load(orderNo);
  return [state, ...tickets.map((ticket) => ticket.state)];
};

test("who is seated again has one valid ticket, knows where he sat, pays nothing, and has not changed it himself", async () => {
  const { world, orderNo, nos, seats } = await ticketed();
  await lose(world, 1);
  const second = (await reseat(world, orderNo, nos, "second")) as string;
  await world.rest();
  expect(await statesOf(world, orderNo)).toEqual(["changed", "changed", "changed"]);
  expect(await statesOf(world, second)).toEqual(["ticketed", "issued", "issued"]);
  const fresh = await world.load(second);
  expect(fresh.replaces).toMatchObject({ nth: 0, because: "coachLost", byRailway: true, isCarried: true });
  expect(fresh.replaces?.tickets.map(({ seat }) => seat)).toEqual(seats);
  expect(fresh.tickets.map(({ seat }) => seat)).not.toEqual(seats);
  expect(fresh.totalFen).toBe((await world.load(orderNo)).totalFen);
  expect(world.bank.refunds.size).toBe(0);
});

test("of a party those alone are moved who are asked for, up into a better class without paying more", async () => {
  const { world, orderNo, nos } = await ticketed();
  await lose(world, 1);
  const second = (await reseat(world, orderNo, nos.slice(0, 1), "business")) as string;
  await world.rest();
  expect(await statesOf(world, orderNo)).toEqual(["ticketed", "changed", "issued"]);
  const { lines, tickets } = await world.load(second);
  expect([lines[0].seatClass, ...tickets.map(({ fareFen }) => Number(fareFen))]).toEqual(["business", 10_000]);
});

test("I7: asked for twice, or by two at once, there is one order", async () => {
  const { world, orderNo, nos } = await ticketed();
  await lose(world, 1);
  const both = await Promise.all([1, 2].map(() => reseat(world, orderNo, nos, "second")));
  expect(both[0]).toBe(await reseat(world, orderNo, nos, "second"));
  expect(both[1]).toBe(both[0]);
  await world.rest();
  expect(await statesOf(world, both[0] as string)).toEqual(["ticketed", "issued", "issued"]);
});

test("where its class is full nobody is seated, and the ticket stays", async () => {
  const { world, orderNo, nos } = await ticketed();
  await lose(world, 1);
  sold(await world.submit(2, requestOf(2, { people: [0, 1, 2, 3], seatClass: "first" })));
  expect(await reseat(world, orderNo, nos, "first")).toEqual({ code: "SoldOut" });
  await world.rest();
  expect(await statesOf(world, orderNo)).toEqual(["ticketed", "issued", "issued"]);
});

test("a ticket in another coach, or of a train that has left, is not moved, whoever asks", async () => {
  const { world, orderNo, nos } = await ticketed();
  expect(await reseat(world, orderNo, nos, "second")).toEqual({ code: "TicketNotChangeable" });
  // Nor up into a better class, which would be a gift.
  expect(await reseat(world, orderNo, nos, "business")).toEqual({ code: "TicketNotChangeable" });
  await lose(world, 2);
  expect(await reseat(world, orderNo, nos, "second")).toEqual({ code: "TicketNotChangeable" });
  await lose(world, 1);
  expect(await reseat(world, orderNo, ["1-9"], "second")).toEqual({ code: "TicketUnknown" });
  await world.advance(departure - world.clock.now());
  expect(await reseat(world, orderNo, nos, "second")).toMatchObject({ code: expect.any(String) });
  await world.rest();
  expect((await statesOf(world, orderNo))[0]).toBe("ticketed");
});

test("until the train leaves such a ticket goes back whole, or becomes another of the same train, which costs what it costs more", async () => {
  const { world, orderNo, nos } = await ticketed();
  await world.advance(departure - world.clock.now() - hourMs);
  const same = { to: "C", trainNumber: "G1" };
  expect(await world.changeQuote(1, orderNo, nos, same)).toBe("ChangeOfNothing");
  expect(sold(await world.quote(1, orderNo)).tickets[0]).toMatchObject({ rule: "grade" });
  await lose(world, 1);
  expect(sold(await world.quote(1, orderNo)).tickets[0]).toMatchObject({ rule: "coachLost", feeFen: 0 });
  expect(sold(await world.changeQuote(1, orderNo, nos, same))).toMatchObject({ rule: "coachLost", netFen: 0 });
  const dearer = { ...same, seatClass: "first" as const };
  expect(sold(await world.changeQuote(1, orderNo, nos, dearer))).toMatchObject({ rule: "coachLost", netFen: 12_000 });
  await world.advance(hourMs);
  expect(sold(await world.quote(1, orderNo)).tickets[0]).toMatchObject({ refundable: false, rule: "departed" });
});

test("who takes another class of that train himself is held to the limits of who buys", async () => {
  const { world, orderNo, nos } = await ticketed();
  await lose(world, 1);
  const dearer = { to: "C", trainNumber: "G1", seatClass: "first" as const };
  const { orderNo: own } = sold(await world.change(1, orderNo, nos, dearer));
  await world.rest();
  const { replaces } = await world.load(own);
  expect(replaces?.because).toBe("coachLost");
  expect(replaces).not.toHaveProperty("byRailway");
});

test("a child that the railway has seated apart from its adult can be changed alone, and so can the adult", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = sold(await world.submit(1, requestOf(1, { to: "C", people: [0, child] })));
  await world.rest();
  await world.pay(orderNo, totalFen);
  const [grown, young] = (await world.load(orderNo)).tickets.map(({ ticketNo }) => ticketNo);
  const later = { to: "C", trainNumber: "G3" };
  expect(await world.changeQuote(1, orderNo, [young!], later)).toBe("ChildWithoutAdult");
  await lose(world, 1);
  const [childs, adults] = [
    await reseat(world, orderNo, [young!], "business"),
    await reseat(world, orderNo, [grown!], "first"),
  ];
  await world.rest();
  await world.withdrawnCoaches.set(1, { runId: run, coachNos: [], lost: [] });
  for (const apart of [childs, adults] as string[]) {
    const { tickets } = await world.load(apart);
    const nos = tickets.map(({ ticketNo }) => ticketNo);
    expect(sold(await world.changeQuote(1, apart, nos, later)).tickets).toHaveLength(1);
    sold(await world.change(1, apart, nos, later));
    await world.rest();
  }
});

test("neither a quota nor the waitlist's gate keeps a free seat from who is seated again, and his seat counts in both", async () => {
  const { world, orderNo, nos } = await ticketed();
  await lose(world, 1);
  const all = { fromStops: [0, 1, 2], toStops: [1, 2, 3] };
  const quotas = [{ ...all, limits: [{ since: epochMs(0), seats: 2 }] }];
  await world.setOffer({ seatClass: "second", quotas });
  expect(await world.submit(2, requestOf(2, { people: [2] }))).toBe("NotOnSaleBetween");
  await world.setOffer({ seatClass: "second", waitlistGate: [all] });
  expect(await world.submit(2, requestOf(2, { people: [2] }))).toBe("WaitlistFirst");
  expect(await reseat(world, orderNo, nos, "second")).toEqual(expect.any(String));
  await world.rest();
  expect(await statesOf(world, orderNo)).toEqual(["changed", "changed", "changed"]);
  await world.setOffer({ seatClass: "second", waitlistGate: [] });
  expect(await world.submit(2, requestOf(2, { people: [2] }))).toBe("NotOnSaleBetween");
});

test("who is seated again is not kept out by another order of the account that waits for its money", async () => {
  const { world, orderNo, nos } = await ticketed();
  await lose(world, 1);
  sold(await world.submit(1, requestOf(1, { trainNumber: "G3", people: [2] })));
  expect(await reseat(world, orderNo, nos, "second")).toEqual(expect.any(String));
});

test("I6: no limit of what an account may buy keeps it from its seats while its other tickets are moved, and it buys no more than ever", async () => {
  const world = await createWorld();
  const orders = [];
  for (const people of [[0, 1], [2, 3], [4]]) {
    const { orderNo, totalFen } = sold(await world.submit(1, requestOf(1, { people })));
    await world.rest();
    await world.pay(orderNo, totalFen);
    orders.push(await world.load(orderNo));
  }
  await lose(world, 1);
  // Each is asked for before any of the others has changed its order, as after a kill.
  const ways = ["first", "first", "business"] as const;
  const moved = await Promise.all(
    orders.map(({ orderNo, tickets }, n) =>
      reseat(
        world,
        orderNo,
        tickets.map(({ ticketNo }) => ticketNo),
        ways[n]!,
      ),
    ),
  );
  expect(moved).toEqual([1, 2, 3].map(() => expect.any(String)));
  await world.rest();
  for (const orderNo of moved) expect((await statesOf(world, orderNo as string))[0]).toBe("ticketed");
  expect(world.reports).toEqual([]);
  expect(await world.submit(1, requestOf(1, { people: [7], seatClass: "business" }))).toBe("UserRunLimit");
});

test("whenever the room dies while somebody is seated again, he has one valid ticket, and no seat is anybody else's", async () => {
  for (let call = 0; call < 60; call++) {
    let calls = 0;
    let isArmed = false;
    const { world, orderNo, nos } = await ticketed({
      onPort: () => {
        if (isArmed && calls++ === call) world.crash();
      },
    });
    await lose(world, 1);
    isArmed = true;
    void reseat(world, orderNo, nos, "second");
    await Bun.sleep(1);
    isArmed = false;
    await world.restart();
    await world.rest();
    await reseat(world, orderNo, nos, "second");
    await world.rest();
    const valid = world.store
      .all()
      .flatMap(({ tickets }) => tickets)
      .filter(({ state }) => state === "issued");
    const count = (by: (ticket: (typeof valid)[number]) => unknown) => new Set(valid.map(by)).size;
    const once = { call, tickets: valid.length, people: count(({ documentHash }) => documentHash) };
    expect({ ...once, seats: count(({ seat }) => seat) }).toEqual({ call, tickets: 2, people: 2, seats: 2 });
    expect(world.store.taken().size).toBe(2 * 2);
    expect(await world.free()).toBe(8);
    if (calls <= call) return;
  }
});

test("of a party of nine each is seated alone, and no order is written twice, though all of them change the one that they had", async () => {
  const written: string[] = [];
  const world = await createWorld({
    policy: { order: { perUserRun: 9 } },
    onPort: (call, when, given) => {
      if (call === "store.accept" && when === "before")
        written.push(...(given[0] as readonly OrderAccepted[]).map((order) => order.orderNo));
    },
  });
  const { orderNo, totalFen } = sold(await world.submit(1, requestOf(1, { people: [0, 1, 2, 3, 4, 6, 8, 9, 5] })));
  await world.rest();
  await world.pay(orderNo, totalFen);
  await lose(world, 1);
  for (const { ticketNo } of (await world.load(orderNo)).tickets)
    for (const seatClass of ["second", "first", "business"] as const)
      if (typeof (await reseat(world, orderNo, [ticketNo], seatClass)) === "string") break;
  await world.rest();
  const moved = (await world.load(orderNo)).tickets.filter(({ state }) => state === "changed");
  expect(moved.length).toBeGreaterThanOrEqual(6);
  expect(written).toHaveLength(1 + moved.length);
});
