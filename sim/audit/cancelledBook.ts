/**
 * Which trains do not run, as an operator says it, and who knows: a process once it was answered that, wherever in it somebody asked, and everybody
 * once a quiet moment has passed. Whatever is sold, or sent back, by somebody who knows better is told at that moment.
 */
import { lineOf, type RunId } from "@chepiao/contracts";
import type { MemoryOrderStore, OrderChange, OrderRecord, OrderStore, TicketRecord } from "@chepiao/ports/order-store";
import { cancelledByOperator, type RunStates, type RunStateStore } from "@chepiao/ports/run-states";
import type { SeatStore } from "@chepiao/ports/seat-store";
import type { Life } from "../core/life.ts";

export type CancelledBook = {
  /** Those that an operator has cancelled and not restored. */
  now(): ReadonlySet<RunId>;
  wasEver(runId: RunId): boolean;
  /** From now on everybody knows what was said until now. */
  settle(): void;
  /** A store that writes down here what is said in it. */
  kept(store: RunStateStore): RunStateStore;
  /** As a process has them. */
  heardBy(life: Life, store: RunStateStore): RunStateStore;
  soldBy(life: Life, seats: SeatStore): SeatStore;
  changedBy(life: Life, orders: MemoryOrderStore): MemoryOrderStore;
};

/** Those who sell, who refund and who serve the waitlist look for themselves: after so many looks all of them have. */
const looks = 6;

/** Nobody but operators says anything of trains here. Of one that is being restored no money goes back, though it is not sold either. */
const cancelledIn = (said: ReadonlyMap<string, RunStates>): ReadonlySet<RunId> =>
  new Set(cancelledByOperator(said).flatMap(({ runId, isRestoring }) => (isRestoring ? [] : [runId])));

export const isGivenBack = ({ state }: TicketRecord) => state === "refunding" || state === "refunded";

export function createCancelledBook(
  found: (violation: string) => void,
  orderOf: (orderNo: string) => OrderRecord | undefined,
): CancelledBook {
  let cancelled: ReadonlySet<RunId> = new Set();
  const ever = new Set<RunId>();
  /** What everybody knows: that a run does not run, or that it does again. */
  const known = new Map<RunId, "cancelled" | "runs">();
  /** Of each process, the runs that it was told of, and how often it has looked since without missing an answer. */
  const heard = new WeakMap<Life, ReadonlyMap<RunId, number>>();

  const isKnownTo = (life: Life, runId: RunId) =>
    (heard.get(life)?.get(runId) ?? 0) >= looks || known.get(runId) === "cancelled";

  /** Counts, or begins to count anew, in a process that was answered, or was not. */
  const looked = (life: Life, next: (times: number) => number) =>
    heard.set(life, new Map([...(heard.get(life) ?? [])].map(([runId, times]) => [runId, next(times)])));

  async function answered<T>(life: Life, asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      looked(life, () => 0);
      throw error;
    }
  }

  function wrongIn(life: Life, { order, runRefund }: OrderChange): string[] {
    const before = new Map(orderOf(order.orderNo)?.tickets.map((ticket) => [ticket.ticketNo, ticket]));
    const wrong: string[] = [];
    if (runRefund && known.get(runRefund.runId) === "runs")
      wrong.push(`I3: ${order.orderNo} is refunded for ${runRefund.runId}, which was restored and runs`);
    for (const ticket of order.tickets) {
      const { runId } = lineOf(order, ticket);
      const isNow = isGivenBack(ticket) && before.get(ticket.ticketNo)?.state === "issued";
      if (isNow && isKnownTo(life, runId) && (ticket.feeFen ?? 0) > 0)
        wrong.push(`I3: ${ticket.ticketNo} is given back with a fee, and ${runId} does not run`);
    }
    return wrong;
  }

  return {
    now: () => cancelled,
    wasEver: (runId) => ever.has(runId),
    settle() {
      for (const runId of ever) known.set(runId, cancelled.has(runId) ? "cancelled" : "runs");
    },
    kept: (store) => ({
      ...store,
      async replace(source, words, now) {
        const isNew = await store.replace(source, words, now);
        if (!isNew) return false;
        cancelled = cancelledIn(await store.read());
        for (const { runId } of words.runs) ever.add(runId);
        // Until the next quiet moment some know it and some do not.
        for (const runId of known.keys())
          if (cancelled.has(runId) !== (known.get(runId) === "cancelled")) known.delete(runId);
        return true;
      },
    }),
    heardBy: (life, store) => ({
      ...store,
      async version() {
        const version = await answered(life, store.version());
        looked(life, (times) => times + 1);
        return version;
      },
      async read() {
        const answer = await answered(life, store.read());
        const before = heard.get(life);
        heard.set(life, new Map([...cancelledIn(answer)].map((runId) => [runId, before?.get(runId) ?? 0])));
        return answer;
      },
    }),
    soldBy: (life, seats) => ({
      ...seats,
      async hold(commands, at) {
        const isKnown = commands.map(({ run }) => isKnownTo(life, run.runId));
        const answers = await seats.hold(commands, at);
        answers.forEach(({ ok }, n) => {
          const { run, holdId } = commands[n]!;
          if (ok && isKnown[n]) found(`I2: ${run.runId} is sold to ${holdId} by ${life.name}, and does not run`);
        });
        return answers;
      },
    }),
    changedBy(life, orders) {
      const change: OrderStore["change"] = async (changes, at) => {
        const wrong = changes.map((each) => wrongIn(life, each));
        const made = await orders.change(changes, at);
        made.forEach((isMade, n) => isMade && wrong[n]!.forEach(found));
        return made;
      };
      return { ...orders, change };
    },
  };
}
