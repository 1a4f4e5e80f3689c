/**
 * Gates' events on their way: kept before they are decided on, so that what a gate has been told is kept is never lost, and decided on by the one way
 * to change an order. What is left pending by a process that died, or was noted by a command beside the platform, is found by a pass.
 */
import type { GateOutcome, OrderLine, Timetable } from "@chepiao/contracts";
import { dayMs, epochMs, gateEventsKeptDays, hourMs, orderIdOf, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { GateEvent, GateStore, KnownGateEvent } from "@chepiao/ports/gate-store";
import type { Passage } from "@chepiao/ports/order-store";
import { type Job, sweepingElection } from "@chepiao/room";
import type { Changes } from "../changes.ts";
import { orderOfTicket } from "../purchase/acceptedOrder.ts";
import { decidePassage, type GateDecision } from "./decide.ts";

export type PassagesDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly gates: GateStore;
  readonly changes: Pick<Changes, "make">;
  readonly timetable: () => Pick<Timetable, "run">;
  readonly report: (message: string, error?: unknown) => void;
};

export type Settled = KnownGateEvent & { readonly before?: Passage };

const everyMs = 2 * secondMs;
const batchMax = 200;

export function createPassages({ clock, gates, changes, timetable, report }: PassagesDeps) {
  /** Its ends alone where the timetable does not know the run any more, or has moved its stops since. */
  function stretchOf(line: OrderLine): readonly string[] {
    const { trainNumber, originDate, fromStop, toStop, fromStationId, toStationId } = line;
    const stops =
      timetable()
        .run(trainNumber, originDate)
        ?.train.stops.slice(fromStop, toStop + 1) ?? [];
    const stations = stops.map(({ stationId }) => stationId);
    return stations[0] === fromStationId && stations.at(-1) === toStationId ? stations : [fromStationId, toStationId];
  }

  async function decide(event: GateEvent): Promise<GateDecision> {
    const orderId = orderIdOf(orderOfTicket(event.ticketNo) ?? "");
    if (orderId === null) return { outcome: "ticketUnknown" };
    const made = await changes.make(orderId, (order) => decidePassage(order, event, stretchOf));
    if (made.ok) return made.value;
    // What is not written yet, or changed by others faster than it can be decided on, is decided on a moment later.
    return { outcome: made.error === "unknown" ? "ticketUnknown" : "pending" };
  }

  async function settle(event: KnownGateEvent): Promise<Settled> {
    const { outcome, before } = await decide(event);
    const standing: GateOutcome = outcome === "pending" ? outcome : await gates.settle(event, outcome);
    return { ...event, outcome: standing, ...(before ? { before } : {}) };
  }

  return {
    /** In the order given: a gate says them in the order in which they were. */
    async hear(events: readonly GateEvent[]): Promise<readonly Settled[]> {
      const settled: Settled[] = [];
      for (const event of await gates.note(events, clock.now()))
        settled.push(event.outcome === "pending" ? await settle(event) : await withBefore(event));
      return settled;
    },
    work: [
      job("what gates said", everyMs, async () => {
        const pending = await gates.pending(batchMax);
        let settledCount = 0;
        for (const event of pending) if (await settleKept(event)) settledCount++;
        return settledCount === batchMax;
      }),
      job("what gates said long ago", hourMs, async () => {
        await gates.forget(epochMs(clock.now() - gateEventsKeptDays * dayMs));
      }),
    ] satisfies Job[],
  };

  /** Said again: who went in first is told again. */
  async function withBefore(event: KnownGateEvent): Promise<Settled> {
    if (event.outcome !== "usedBefore" && event.outcome !== "leftBefore") return event;
    const { before } = await decide(event);
    return before ? { ...event, before } : event;
  }

  /** One that fails holds up none of the others, and is tried again. */
  async function settleKept(event: KnownGateEvent): Promise<boolean> {
    try {
      return (await settle(event)).outcome !== "pending";
    } catch (error) {
      report(`what gate ${event.gateId} said of ticket ${event.ticketNo} could not be decided; trying again`, error);
      return false;
    }
  }
}

const job = (name: string, every: number, pass: () => Promise<boolean | void>): Job => ({
  kind: "job",
  name,
  electedAs: sweepingElection,
  everyMs: every,
  pass,
  failed: "what gates said could not be decided; trying again",
});

export type GatePassages = ReturnType<typeof createPassages>;
