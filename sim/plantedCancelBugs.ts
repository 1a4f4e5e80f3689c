/**
 * The bugs of trains that an operator cancels: of what is sold of them, of the money of those who have tickets, and of those who wait. With
 * `--rounds 1` seed 252 finds them; 119 finds that a refund is made twice, that another line goes back and that it counts against buyers. The change
 * that lands comes seldom: `--planted` looks for it, seed by seed. What people pay who take another train instead is found by seed 12. Those of
 * trains that are shortened are found with `--world embedded`: what is sold beyond by seed 5, who goes within by 8, who waits beyond by 17.
 *
 * Not planted, because it comes too seldom: that orders are gone through once, and who is only written or paid five seconds later is left out. Nor that
 * who gives back such a ticket himself pays a fee: what was bought a moment ago costs nothing anyway. Nor that a cheaper train gives nothing back.
 */
import type { PlantedBug } from "./planted.ts";

const order = "packages/services/order";
const waitlist = "packages/services/waitlist";

export const plantedCancelBugs: readonly PlantedBug[] = [
  {
    name: "cancelled-train-sold",
    about: "no process hears that a train does not run, and it is sold on (I2)",
    file: "packages/services/timetable/runStates.ts",
    find: "const isCancelled = said.state.isCancelled || known.state.isCancelled;",
    replace: "const isCancelled = false;",
  },
  {
    name: "cancelled-train-sold-by-who-was-there",
    about: "a process hears what an operator says when it begins, and nothing after that (I2)",
    file: "packages/services/timetable/runStates.ts",
    find: "if (newest === version) return false;",
    replace: "if (newest === version || (version = newest) > 0) return false;",
  },
  {
    name: "cancelled-train-refunded-twice",
    about: "a ticket of a train that does not run is paid back a second time (I3)",
    file: `${order}/decide.ts`,
    find: "messages: [...freedSeats.map(wordOfFreed), ...dues] };",
    replace:
      'messages: [...freedSeats.map(wordOfFreed), ...dues, ...(given.values().some(({ rule }) => rule === "runCancelled") ? dues.map((due) => ({ ...due, value: { ...due.value, refundNo: `${(due.value as RefundDue).ticketNo}-again` } }) as LogRecord) : [])] };',
  },
  {
    name: "order-of-cancelled-train-left-out",
    about: "each pass leaves out the first order that has seats on the train (I3)",
    file: `${order}/runRefunds.ts`,
    find: "orderIds.slice(next, next + atATime)",
    replace: "orderIds.slice(next + 1, next + atATime)",
  },
  {
    name: "fee-of-cancelled-train-kept",
    about: "who has a ticket of a train that does not run pays a fee (I3)",
    file: `${order}/decide.ts`,
    find: 'rule: "runCancelled", feeFen: fen(0), refundFen: fareFen }',
    replace: 'rule: "runCancelled", feeFen: fen(500), refundFen: fen(fareFen - 500) }',
  },
  {
    name: "other-line-of-cancelled-train-refunded",
    about: "of an order with several trains all go back, where one does not run (I3)",
    file: `${order}/decide.ts`,
    find: 'isNotRun(lineOf(order, ticket), notRun) && ticketTransitions[ticket.state].notCarried === "refunding";',
    replace: 'ticketTransitions[ticket.state].notCarried === "refunding";',
  },
  {
    name: "change-lands-on-cancelled-train",
    about: "a change that waits for its money when the train is cancelled is made all the same, and stays (I3)",
    file: `${order}/decide.ts`,
    find: "export function decideRunCancelled(order: OrderRecord, notRun: NotRun): DecidedChange | null {\n",
    replace:
      "export function decideRunCancelled(order: OrderRecord, notRun: NotRun): DecidedChange | null {\n  if (order.replaces) return null;\n",
  },
  {
    name: "prepayment-for-cancelled-train-kept",
    about: "the money of an entry whose last train does not run stays with us (I3)",
    file: `${waitlist}/decide.ts`,
    find: "return entry.captured ? {",
    replace: 'return entry.captured && endedBecause !== "RunCancelled" ? {',
  },
  {
    name: "cancelled-train-waited-for",
    about: "who waits for a train that does not run waits on (I5)",
    file: `${waitlist}/jobs.ts`,
    find: "for (const run of await cancelledRuns.due(clock.now())) {",
    replace: "for (const run of (await cancelledRuns.due(clock.now())).slice(0, 0)) {",
  },
  {
    name: "cancelled-train-counts-against-its-buyers",
    about: "an order that ends because its train does not run counts among those that its account has cancelled (I6)",
    file: `${order}/decide.ts`,
    find: 'endedBecause: "RunCancelled" } }, {});',
    replace: 'endedBecause: "RunCancelled" } });',
  },
  {
    name: "shortened-train-sold-beyond",
    about: "a train that was shortened is sold to where it does not run any more (I2)",
    file: "packages/contracts/runState.ts",
    find: "isSkipped && (stop === fromStop || stop === toStop)",
    replace: "isSkipped && stop === fromStop && stop === toStop",
  },
  {
    name: "ticket-within-shortened-train-refunded",
    about: "of a train that was shortened those tickets go back, too, that are for where it runs (I3)",
    file: "packages/ports/run-states/cancellations.ts",
    find: "skipped === null || skipped.includes(fromStop) || skipped.includes(toStop);",
    replace: "skipped === null || skipped.includes(fromStop) || skipped.includes(toStop) || fromStop < toStop;",
  },
  {
    name: "shortened-train-waited-for-beyond",
    about: "who waits for where a shortened train does not run any more waits on (I5)",
    file: `${waitlist}/decide.ts`,
    find: "choice.runId === notRun.runId && isOff(notRun, choice);",
    replace: "choice.runId === notRun.runId && notRun.skipped === null;",
  },
  {
    name: "fee-of-another-train",
    about: "who takes another train because his own does not run pays a fee for the change (I3)",
    file: `${order}/change/terms.ts`,
    find: "rule: dates.fault, feeBasisPoints: 0, differenceBasisPoints: 0 });",
    replace: "rule: dates.fault, feeBasisPoints: 1_000, differenceBasisPoints: 0 });",
  },
  {
    name: "dearer-train-collected",
    about: "who takes a dearer train because his own does not run pays the difference (I3)",
    file: `${order}/change/plan.ts`,
    find: "fen(Math.min(fareFen, tickets[n]!.fareFen))",
    replace: "fen(Math.max(fareFen, 0 * tickets[n]!.fareFen))",
  },
];
