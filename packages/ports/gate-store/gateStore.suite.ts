/** The rules of a store of gates and of what they said. */
import { expect, test } from "bun:test";
import { epochMs, hourMs } from "@chepiao/kernel";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import type { ConflictsAsked, Gate, GateEvent, GateStore } from "./gateStore.ts";

const now = epochMs(1_790_000_000_000);
const gate = (gateId: string): Gate => ({
  gateId,
  stationId: "BJP",
  keyHash: "a".repeat(64),
  addedAt: now,
  retiredAt: null,
});

const ticket = () => sampleOrder().tickets[0]!.ticketNo;
const event = (eventId: string, ticketNo: string, more: Partial<GateEvent> = {}): GateEvent => ({
  gateId: "A1",
  eventId,
  ticketNo,
  act: "enter",
  stationId: "BJP",
  at: now,
  ...more,
});

export function gateStoreSuite(adapter: string, create: () => Promise<GateStore> | GateStore): void {
  test(`${adapter}: a gate is there under its name, once, and stays known after it has gone`, async () => {
    const store = await create();
    expect([await store.addGate(gate("A1")), await store.addGate({ ...gate("A1"), stationId: "SHH" })]).toEqual([
      true,
      false,
    ]);
    expect(await store.retireGate("A2", now)).toBe(false);
    expect(await store.gates()).toEqual([gate("A1")]);
    expect(await store.retireGate("A1", epochMs(now + 1))).toBe(true);
    expect(await store.retireGate("A1", epochMs(now + 2))).toBe(true);
    expect(await store.gates()).toEqual([{ ...gate("A1"), retiredAt: epochMs(now + 1) }]);
    expect(await store.addGate(gate("A1"))).toBe(false);
  });

  test(`I7 ${adapter}: what a gate says again is what it said first, and what is settled stays so`, async () => {
    const store = await create();
    const [one, other, stranger] = [ticket(), ticket(), "no ticket at all"];
    const first = [event("1", one), event("2", other), event("3", stranger)];
    expect(await store.note(first, now)).toEqual(
      first.map((each) => ({ ...each, receivedAt: now, outcome: "pending" })),
    );
    expect(await store.settle(first[0]!, "entered")).toBe("entered");
    expect(await store.settle(first[0]!, "usedBefore")).toBe("entered");
    const later = epochMs(now + hourMs);
    const again = [
      event("2", other, { at: later }),
      event("4", one),
      event("1", one, { act: "leave" }),
      event("4", one),
    ];
    expect(await store.note(again, later)).toEqual([
      { ...first[1]!, receivedAt: now, outcome: "pending" },
      { ...event("4", one), receivedAt: later, outcome: "pending" },
      { ...first[0]!, receivedAt: now, outcome: "entered" },
      { ...event("4", one), receivedAt: later, outcome: "pending" },
    ]);
    // Of another gate it is another event, and so it is about another ticket.
    const others = [event("1", one, { gateId: "B1" }), event("1", other)];
    expect((await store.note(others, later)).map(({ outcome }) => outcome)).toEqual(["pending", "pending"]);
    expect((await store.pending(10)).map(({ gateId, eventId }) => `${gateId} ${eventId}`).sort()).toEqual(
      ["A1 2", "A1 3", "A1 4", "B1 1", "A1 1"].sort(),
    );
    expect((await store.pending(2)).map(({ eventId }) => eventId).sort()).toEqual(["2", "3"]);
  });

  test(`${adapter}: conflicts are found by when they were heard, what is said of a ticket by when it was, and only what is settled is forgotten`, async () => {
    const store = await create();
    const one = ticket();
    const events = [
      event("1", one, { at: epochMs(now + 500) }),
      event("2", one, { gateId: "B1", at: epochMs(now + 100) }),
      event("3", "nothing"),
      event("4", one, { act: "leave", at: epochMs(now + hourMs) }),
    ];
    for (const [n, each] of events.entries()) await store.note([each], epochMs(now + n));
    await store.settle(events[0]!, "entered");
    await store.settle(events[1]!, "usedBefore");
    await store.settle(events[2]!, "ticketUnknown");
    const ids = (found: readonly GateEvent[]) => found.map(({ eventId }) => eventId);
    const conflicts = async (more: Partial<ConflictsAsked> = {}, limit = 10) =>
      ids(await store.conflicts({ since: now, until: null, outcome: null, ...more }, limit));
    expect(await conflicts()).toEqual(["3", "2"]);
    expect(await conflicts({}, 1)).toEqual(["3"]);
    expect(await conflicts({ since: epochMs(now + 2) })).toEqual(["3"]);
    expect(await conflicts({ until: epochMs(now + 2) })).toEqual(["2"]);
    expect(await conflicts({ outcome: "usedBefore" })).toEqual(["2"]);
    expect(await conflicts({ outcome: "givenBack" })).toEqual([]);
    expect(ids(await store.ofTicket(one, 10))).toEqual(["2", "1", "4"]);
    expect(ids(await store.ofTicket(one, 2))).toEqual(["2", "1"]);
    expect(await store.forget(epochMs(now + 2))).toBe(2);
    expect(await store.forget(epochMs(now + hourMs))).toBe(1);
    expect(ids(await store.ofTicket(one, 10))).toEqual(["4"]);
    expect(ids(await store.pending(10))).toEqual(["4"]);
  });
}
