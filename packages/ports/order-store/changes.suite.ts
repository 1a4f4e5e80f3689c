/** The rules of an order store about tickets that become others. */
import { expect, test } from "bun:test";
import { firstRunOf, type OrderAccepted, type OrderLine, type Replaces, type SeatsFreed } from "@chepiao/contracts";
import { epochMs, fen, hourMs } from "@chepiao/kernel";
import type { Outbox } from "@chepiao/ports/outbox";
import { moveLimitsOf, type TripLimits, tripLimitsDefault } from "@chepiao/ports/reservations";
import type { OrderChange, OrderRecord, OrderStore, TicketRecord } from "./orderStore.ts";
import { freedOf, sampleDeparture, sampleNow as now, sampleOrder, type SampleOptions } from "./samples.suite.ts";

const limits: TripLimits = { ...tripLimitsDefault, ticketsPerUserRun: 5, gapMs: 0 };

/** An order whose tickets are to stand in place of those. */
function replacing(old: OrderAccepted, options: SampleOptions, tickets = old.tickets): OrderAccepted {
  const { line, runId, departAt } = old.lines[0];
  const replaces: Replaces = {
    orderId: old.orderId,
    line,
    runId,
    kind: "reschedule",
    nth: 1,
    departAt,
    isCarried: false,
    tickets: tickets.map(({ ticketNo }) => ({ ticketNo, feeFen: fen(500), refundFen: fen(9_500) })),
  };
  const documents = tickets.map(({ documentHash }) => documentHash);
  return { ...sampleOrder({ seats: documents.map((_, n) => n), ...options, documents }), replaces };
}

const word = (freed: SeatsFreed, order: OrderRecord) =>
  ({ topic: "inventory-update-topic", key: firstRunOf(order), value: freed }) as const;

const issued = (order: OrderRecord): OrderChange => ({
  order: {
    ...order,
    state: "ticketed",
    paymentNo: "P",
    paidAt: now,
    tickets: order.tickets.map((ticket) => ({ ...ticket, state: "issued" })),
  },
  freedSeats: [],
  messages: [],
});

const given = (old: OrderRecord, next: OrderRecord): OrderChange => {
  const gone = new Set(next.replaces!.tickets.map(({ ticketNo }) => ticketNo));
  const tickets = old.tickets.map((ticket): TicketRecord =>
    gone.has(ticket.ticketNo)
      ? { ...ticket, state: "changed", feeFen: fen(500), refundFen: fen(9_500), replacedBy: next.orderNo }
      : ticket,
  );
  const freedSeats = freedOf({ ...old, tickets: old.tickets.filter(({ ticketNo }) => gone.has(ticketNo)) });
  return {
    order: { ...old, state: "ticketed", tickets },
    freedSeats,
    messages: freedSeats.map((freed) => word(freed, old)),
  };
};

export function orderChangesSuite(
  adapter: string,
  create: () =>
    | Promise<{ readonly store: OrderStore; readonly outbox: Outbox }>
    | { readonly store: OrderStore; readonly outbox: Outbox },
): void {
  const loaded = async (store: OrderStore, { orderId }: Pick<OrderRecord, "orderId">) => (await store.load(orderId))!;
  async function bought(store: OrderStore, options: SampleOptions): Promise<OrderRecord> {
    const order = sampleOrder(options);
    expect(await store.accept([order], now, limits)).toEqual(["pendingPayment"]);
    expect(await store.change([issued(await loaded(store, order))], now)).toEqual([true]);
    return loaded(store, order);
  }

  test(`${adapter}: what an order replaces is read back, and so is by which order a ticket was replaced`, async () => {
    const { store, outbox } = await create();
    const old = await bought(store, { seats: [0, 1], documents: ["a", "b"] });
    const next = replacing(old, { train: "G2" }, old.tickets.slice(0, 1));
    expect(await store.accept([next], now, limits)).toEqual(["pendingPayment"]);
    const written = await loaded(store, next);
    expect(written.replaces).toEqual(next.replaces);
    const changes = [issued(written), given(old, written)] as const;
    expect(await store.changeBoth([...changes], now)).toBe(true);
    expect(await loaded(store, old)).toEqual({ ...changes[1].order, version: old.version + 1 });
    expect(await loaded(store, next)).toEqual({ ...changes[0].order, version: 1 });
    expect((await outbox.pending(epochMs(now + hourMs), 10)).map(({ record }) => record)).toEqual([
      ...changes[1].messages,
    ]);
    expect(await store.ofUser(old.userId, { limit: 1 })).toMatchObject([{ replaces: next.replaces! }]);
  });

  test(`${adapter}: two orders change together or not at all, whichever of them is not as it was`, async () => {
    const { store, outbox } = await create();
    for (const outrun of [0, 1] as const) {
      const userId = 5 + outrun;
      const old = await bought(store, { userId, train: `G1${outrun}`, documents: [`a${outrun}`] });
      const next = replacing(old, { userId, train: `G2${outrun}` });
      await store.accept([next], now, limits);
      const orders = [await loaded(store, next), old] as const;
      const { order } = issued(orders[outrun]);
      expect(await store.change([{ order, freedSeats: [], messages: [] }], now)).toEqual([true]);
      const before = await Promise.all(orders.map((each) => loaded(store, each)));
      expect(await store.changeBoth([issued(orders[0]), given(old, orders[0])], now)).toBe(false);
      expect(await Promise.all(orders.map((each) => loaded(store, each)))).toEqual(before);
      // Its seat is taken as ever.
      const rival = sampleOrder({ userId: 9, train: `G1${outrun}` });
      expect(await store.accept([rival], now, limits)).toEqual(["rejected"]);
    }
    expect(await outbox.pending(epochMs(now + hourMs), 10)).toEqual([]);
  });

  test(`I1 ${adapter}: seats that become others are free once both orders have changed, and not before`, async () => {
    const { store } = await create();
    const old = await bought(store, { documents: ["a"] });
    const next = replacing(old, { train: "G2" });
    await store.accept([next], now, limits);
    const rival = (train: string) => store.accept([sampleOrder({ userId: 9, train })], now, limits);
    expect(await rival("G1")).toEqual(["rejected"]);
    const written = await loaded(store, next);
    expect(await store.changeBoth([issued(written), given(old, written)], now)).toBe(true);
    expect(await rival("G1")).toEqual(["pendingPayment"]);
    expect(await rival("G2")).toEqual(["rejected"]);
  });

  test(`I6 ${adapter}: a trip that is replaced is in nobody's way but others', until it is given up`, async () => {
    const { store } = await create();
    const old = await bought(store, { seats: [0, 1], documents: ["a", "b"] });
    const overlapping = { train: "G2", departAt: epochMs(sampleDeparture + hourMs) };
    const outcome = async (order: OrderAccepted) => {
      const [written] = await store.accept([order], now, limits);
      return written === "rejected" ? (await loaded(store, order)).endedBecause : written;
    };
    // One traveller's ticket is replaced: the other's stands.
    expect(await outcome(replacing(old, { ...overlapping, seats: [0, 1] }, old.tickets.slice(0, 1)))).toBe(
      "pendingPayment",
    );
    expect(await outcome(sampleOrder({ ...overlapping, seats: [3], documents: ["b"] }))).toBe("TripOverlaps");
    // That of somebody who has not given up his.
    const stranger = { ...replacing(old, overlapping, old.tickets.slice(0, 1)).replaces! };
    const wrong = { ...sampleOrder({ ...overlapping, seats: [4], documents: ["b"] }), replaces: stranger };
    expect(await outcome(wrong)).toBe("TripOverlaps");
  });

  test(`I6 ${adapter}: an account with all tickets of a run that it may have changes them within that run, and has no more after it`, async () => {
    const { store } = await create();
    const people = ["a", "b", "c", "d", "e"];
    const onRun = (seats: readonly number[], line: Partial<OrderLine> = {}) => ({ userId: 4, seats, ...line });
    const old = await bought(store, { ...onRun([0, 1, 2, 3, 4]), documents: people });
    const next = replacing(old, onRun([5, 6, 7, 8, 9]));
    expect(await store.accept([next], now, limits)).toEqual(["pendingPayment"]);
    let seat = 20;
    const more = () => sampleOrder({ userId: 4, seats: [seat++], documents: [`f${seat}`] });
    const codeOf = async (order: OrderAccepted) => {
      await store.accept([order], now, limits);
      return (await loaded(store, order)).endedBecause;
    };
    expect(await codeOf(more())).toBe("UserRunLimit");
    const written = await loaded(store, next);
    expect(await store.changeBoth([issued(written), given(old, written)], now)).toBe(true);
    expect(await codeOf(more())).toBe("UserRunLimit");
    // One given back, and one may be bought.
    const changed = await loaded(store, next);
    const [first, ...rest] = changed.tickets;
    const back: TicketRecord = { ...first!, state: "refunding", feeFen: fen(0), refundFen: fen(10_000) };
    const freedSeats = freedOf({ ...changed, tickets: [first!] });
    await store.change([{ order: { ...changed, tickets: [back, ...rest] }, freedSeats, messages: [] }], now);
    expect(await codeOf(more())).toBeNull();
    expect(await codeOf(more())).toBe("UserRunLimit");
  });

  test(`I6 ${adapter}: orders of an account are moved within their run at the same time, by limits of their own`, async () => {
    const { store } = await create();
    const old = await Promise.all(
      [
        [0, 1, 2],
        [3, 4],
      ].map((seats) => bought(store, { userId: 4, seats, documents: seats.map((seat) => `d${seat}`) })),
    );
    const [first, second, again] = [
      replacing(old[0]!, { userId: 4, seats: [5, 6, 7] }),
      replacing(old[1]!, { userId: 4, seats: [8, 9] }),
      replacing(old[1]!, { userId: 4, seats: [10, 11] }),
    ];
    expect(await store.accept([first], now, limits)).toEqual(["pendingPayment"]);
    expect(await store.accept([second], now, limits)).toEqual(["rejected"]);
    expect(await store.accept([again], now, moveLimitsOf(limits))).toEqual(["pendingPayment"]);
  });
}
