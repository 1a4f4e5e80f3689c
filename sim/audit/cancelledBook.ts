/**
 * Which trains do not run, as an operator says it, and who knows: a process once it was answered that, wherever in it somebody asked, and everybody
 * once a quiet moment has passed. Whatever is sold, or sent back, by somebody who knows better is told at that moment.
 */
import { lineOf, type OrderLine, type RunId } from "@chepiao/contracts";
import type { MemoryOrderStore, OrderChange, OrderRecord, OrderStore, TicketRecord } from "@chepiao/ports/order-store";
import {
  cancelledByOperator,
  type NotRun,
  notRunIn,
  type RunStates,
  type RunStateStore,
} from "@chepiao/ports/run-states";
import type { SeatStore } from "@chepiao/ports/seat-store";
import type { Life } from "../core/life.ts";

/** Where a run leads, as an order or an entry has it. */
export type Way = Pick<OrderLine, "fromStop" | "runId" | "toStop">;

export type CancelledBook = {
  /** Those that an operator has cancelled or shortened and not restored. */
  now(): ReadonlyMap<RunId, NotRun>;
  /** Does its train not run now, or not there? */
  isOff(way: Way): boolean;
  wasEver(way: Way): boolean;
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
const cancelledIn = (said: ReadonlyMap<string, RunStates>): ReadonlyMap<RunId, NotRun> =>
  new Map(
    cancelledByOperator(said).flatMap(({ runId, skipped, isRestoring }) =>
      isRestoring ? [] : [[runId, { runId, skipped }] as const],
    ),
  );

/** By the auditor's own eyes. */
const isNotRun = ({ fromStop, toStop }: Way, { skipped }: NotRun): boolean =>
  skipped === null || skipped.some((stop) => stop === fromStop || stop === toStop);

const isSame = (one: NotRun | undefined, other: NotRun | undefined) => JSON.stringify(one) === JSON.stringify(other);

export const isGivenBack = ({ state }: TicketRecord) => state === "refunding" || state === "refunded";

export function createCancelledBook(
  found: (violation: string) => void,
  orderOf: (orderNo: string) => OrderRecord | undefined,
): CancelledBook {
  let cancelled: ReadonlyMap<RunId, NotRun> = new Map();
  const ever = new Map<RunId, NotRun[]>();
  /** What everybody knows: where a run does not run, or that it does again. */
  const known = new Map<RunId, NotRun | "runs">();
  /** Of each process, what it was told of runs, and how often it has looked since without missing an answer. */
  const heard = new WeakMap<Life, ReadonlyMap<RunId, { readonly notRun: NotRun; readonly times: number }>>();

  function isKnownTo(life: Life, way: Way): boolean {
    const told = heard.get(life)?.get(way.runId);
    const all = known.get(way.runId);
    return (
      (told !== undefined && told.times >= looks && isNotRun(way, told.notRun)) ||
      (all !== undefined && all !== "runs" && isNotRun(way, all))
    );
  }

  /** Counts, or begins to count anew, in a process that was answered, or was not. */
  function looked(life: Life, next: (times: number) => number): void {
    const told = [...(heard.get(life) ?? [])];
    heard.set(life, new Map(told.map(([runId, { notRun, times }]) => [runId, { notRun, times: next(times) }])));
  }

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
      const line = lineOf(order, ticket);
      const isNow = isGivenBack(ticket) && before.get(ticket.ticketNo)?.state === "issued";
      if (isNow && isKnownTo(life, line) && (ticket.feeFen ?? 0) > 0)
        wrong.push(`I3: ${ticket.ticketNo} is given back with a fee, and ${line.runId} does not run`);
    }
    return wrong;
  }

  return {
    now: () => cancelled,
    isOff: (way) => cancelled.has(way.runId) && isNotRun(way, cancelled.get(way.runId)!),
    wasEver: (way) => ever.get(way.runId)?.some((notRun) => isNotRun(way, notRun)) === true,
    settle() {
      for (const runId of ever.keys()) known.set(runId, cancelled.get(runId) ?? "runs");
    },
    kept: (store) => ({
      ...store,
      async replace(source, words, now) {
        const isNew = await store.replace(source, words, now);
        if (!isNew) return false;
        cancelled = cancelledIn(await store.read());
        for (const notRun of words.runs.map(notRunIn))
          if (notRun) ever.set(notRun.runId, [...(ever.get(notRun.runId) ?? []), notRun]);
        // Until the next quiet moment some know it and some do not.
        for (const [runId, all] of known)
          if (!isSame(cancelled.get(runId), all === "runs" ? undefined : all)) known.delete(runId);
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
        const timesOf = (notRun: NotRun) => {
          const told = before?.get(notRun.runId);
          return isSame(told?.notRun, notRun) ? told!.times : 0;
        };
        const told = [...cancelledIn(answer)];
        heard.set(life, new Map(told.map(([runId, notRun]) => [runId, { notRun, times: timesOf(notRun) }])));
        return answer;
      },
    }),
    soldBy: (life, seats) => ({
      ...seats,
      async hold(commands, at) {
        const isKnown = commands.map(({ run, fromStop, toStop }) =>
          isKnownTo(life, { runId: run.runId, fromStop, toStop }),
        );
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
