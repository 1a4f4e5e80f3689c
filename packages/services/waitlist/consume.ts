/**
 * What the waitlist room does with the log: prepayments give entries their place, seats that came back become orders of those whom they were
 * given to, and stories. Each handler may see a record twice, late, or after its entry has ended (I7).
 */
import type { LogRecord, OrderStateChanged, PaymentCaptured, RefusalCode, WaitlistStep } from "@chepiao/contracts";
import { orderIdOf } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumer } from "@chepiao/ports/log";
import type { WaitlistRelease, WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { Proved } from "@chepiao/room";
import type { Changes } from "./changes.ts";
import { decideOrderLost, decidePrepaid, moneyBack } from "./decide.ts";
import type { JoinLines } from "./lines.ts";
import type { Serve } from "./serve.ts";

export type ConsumeDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<WaitlistStore, "addReleases">;
  readonly joinLines: JoinLines;
  readonly changes: Changes;
  readonly serve: Pick<Serve, "grant">;
  readonly proved: Proved;
  /** Where lines are in memory, they are set from the store before the doors open: until then nobody joins them. */
  readonly areLinesSet: () => boolean;
  readonly count: (what: "joined" | "prepaidTooLate" | "paymentsNotBelieved" | "ordersLost") => void;
};

export function createConsumers(deps: ConsumeDeps): Consumer[] {
  const { clock, store, changes } = deps;

  async function takeMoney(told: PaymentCaptured, key: string) {
    const captured = await deps.proved(told);
    if (!captured) return deps.count("paymentsNotBelieved");
    const entryId = orderIdOf(captured.orderNo);
    const made =
      entryId === null ? null : await changes.make(entryId, (entry) => decidePrepaid(entry, captured, clock.now()));
    if (!made) return changes.enqueue([moneyBack(captured, key)]);
    if (made.decision.kind === "payBack") {
      deps.count("prepaidTooLate");
      return changes.enqueue([made.decision.message]);
    }
    if (made.decision.kind === "joined") deps.count("joined");
    // Also of a payment that is known: perhaps the step before failed, or died, before it joined.
    if (deps.areLinesSet()) await deps.joinLines(made.entry);
  }

  async function hear(all: readonly WaitlistStep[]) {
    await store.addReleases(all.flatMap(releaseOf));
    // What was given before a restart is held no more where seats are in memory: it is set in line again.
    if (!deps.areLinesSet()) return;
    for (const { runId, grants } of all) for (const grant of grants) await deps.serve.grant(runId, grant);
  }

  async function loseOrders(all: readonly OrderStateChanged[]) {
    for (const { orderId, to } of all) {
      const why = lostBecause[to as keyof typeof lostBecause];
      if (!why) continue;
      const made = await changes.make(orderId, (entry) => ({ change: decideOrderLost(entry, why, clock.now()) }));
      if (made?.decision.change) deps.count("ordersLost");
    }
  }

  const consumer = (group: string, topic: LogRecord["topic"], handle: Consumer["handle"]): Consumer => ({
    group,
    topics: [topic],
    batchMax: 200,
    handle,
  });

  return [
    consumer("waitlist-payment-consumer-group", "waitlist-pay-topic", async (records) => {
      for (const { key, value } of records) await takeMoney(value as PaymentCaptured, key);
    }),
    consumer("waitlist-replenish-consumer-group", "inventory-replenish-topic", (records) =>
      hear(records.map(({ value }) => value as WaitlistStep)),
    ),
    consumer("waitlist-order-consumer-group", "order-state-topic", (records) =>
      loseOrders(records.map(({ value }) => value as OrderStateChanged)),
    ),
  ];
}

/** What became of an order that an entry had become, when it is none any more and sends the money back. */
const lostBecause = {
  rejected: "SeatLost",
  expired: "OrderNotPayable",
  cancelled: "OrderNotPayable",
} as const satisfies Partial<Record<OrderStateChanged["to"], RefusalCode>>;

const releaseOf = ({ runId, at, freed, grants }: WaitlistStep): WaitlistRelease[] =>
  freed === null || freed.seatIndexes.length === 0
    ? []
    : [
        {
          runId,
          at,
          seatClass: freed.seatClass,
          fromStop: freed.fromStop,
          toStop: freed.toStop,
          firstSeat: freed.seatIndexes[0]!,
          seatCount: freed.seatIndexes.length,
          servedIds: grants.map(({ holdId }) => holdId),
        },
      ];
