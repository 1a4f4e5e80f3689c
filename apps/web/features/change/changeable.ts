/** Which tickets may be changed now, and until when on which terms, as far as the railway's rules say; the platform decides. Pure. */
import type { ChangeQuote, FareTable, Order, Railway } from "@chepiao/contracts";
import { dateOf, earlierBy } from "../../lib/format.ts";
import { linesOf, mayGoOtherwise, ticketsOn } from "../../lib/orderLines.ts";

export type ChangeRules = NonNullable<Railway["change"]>;
type Line = ReturnType<typeof linesOf>[number];
type Ticket = Order["tickets"][number];
export type ChangeableLine = { readonly line: Line; readonly tickets: readonly Ticket[] };

const hourMs = 3_600_000;

/** Lines whose trains do not run, with the moment until which another train may be taken for nothing. */
export type LinesOff = ReadonlyMap<number, string>;
const noLines: LinesOff = new Map();

/**
 * In the order of travel.
 *
 * @param off their tickets become others however often they were changed, and also where a gate has let somebody in
 */
export function changeableLines(
  order: Order,
  rules: ChangeRules | undefined,
  nowMs: number,
  off = noLines,
): readonly ChangeableLine[] {
  if (!rules || order.state !== "ticketed") return [];
  const mayChange = (line: Line) =>
    off.has(line.line) ? isFree(line) : !isSpent(order, rules) && isInTime(line, rules, nowMs);
  const isFree = ({ line }: Line) => nowMs < Date.parse(off.get(line) ?? "");
  const isValid = (line: Line) => (ticket: Ticket) =>
    isFree(line) ? mayGoOtherwise(ticket, line) : ticket.state === "issued";
  return linesOf(order)
    .map((line) => ({ line, tickets: ticketsOn(order, line).filter(isValid(line)) }))
    .filter(({ line, tickets }) => tickets.length > 0 && mayChange(line));
}

/** These tickets came of a change, and the railway makes no further one. */
export const isSpent = ({ replaces }: Pick<Order, "replaces">, rules: ChangeRules): boolean =>
  (replaces?.nth ?? 0) >= rules.max;

/** Once the train has left until the end of its day, by the clock of the station. */
function isInTime({ departAt }: Line, rules: ChangeRules, nowMs: number): boolean {
  if (nowMs < Date.parse(departAt)) return true;
  const today = dateOf(earlierBy(departAt, Date.parse(departAt) - nowMs));
  return rules.afterDeparture !== undefined && today === dateOf(departAt);
}

/** Until when another destination may be chosen; null where none may. */
export const destinationUntil = ({ departAt }: Pick<Line, "departAt">, rules: ChangeRules): string | null =>
  rules.destinationMinHours === undefined ? null : earlierBy(departAt, rules.destinationMinHours * hourMs);

/** The next moment at which one of the terms of a quote becomes another; null where nothing is known of it. */
export function termsHoldUntil(
  quote: Pick<ChangeQuote, "rule" | "tickets">,
  { departAt }: Pick<Line, "departAt">,
  { change, refundGrades }: Pick<Railway, "change" | "refundGrades">,
  nowMs: number,
): string | null {
  if (!change || isRailwaysFault(quote) || nowMs >= Date.parse(departAt)) return null;
  const isCheaper = quote.tickets.some(({ fareFen, newFareFen }) => newFareFen < fareFen);
  const hours = [
    0,
    ...(quote.rule === "grade" ? change.grades.map(({ hoursBefore }) => hoursBefore) : []),
    ...(quote.rule === "destination" ? [change.destinationMinHours ?? 0] : []),
    ...(isCheaper ? refundGrades.map(({ hoursBefore }) => hoursBefore) : []),
  ];
  const ahead = hours.map((before) => earlierBy(departAt, before * hourMs)).filter((at) => Date.parse(at) > nowMs);
  return ahead.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}

/** The train does not run, or not with that coach. */
const isRailwaysFault = ({ rule }: Pick<ChangeQuote, "rule">): boolean =>
  rule === "runCancelled" || rule === "coachLost";

export type Most = { readonly netFen: number; readonly payFen: number; readonly isMost: boolean };

/** What the fee may be rounded up by. */
const roundedByFen = 100;

/** What a change may come to with the dearest berths: which ones there are is only known with the seats. */
export function mostOf(quote: ChangeQuote, tickets: readonly Ticket[], table: FareTable | undefined): Most {
  const dearer = quote.tickets.map(({ ticketNo, newFareFen }) => {
    const type = tickets.find((each) => each.ticketNo === ticketNo)?.ticketType;
    const fares = (table?.fares ?? []).filter(({ ticketType }) => ticketType === type);
    return Math.max(0, ...fares.map(({ fareFen }) => fareFen - newFareFen));
  });
  const isMost = dearer.some((fen) => fen > 0);
  if (!isMost) return { netFen: quote.netFen, payFen: quote.payFen, isMost };
  // What a berth costs more is not asked for, and only leaves less to come back.
  if (isRailwaysFault(quote)) {
    const left = quote.tickets.map(({ fareFen, newFareFen }, n) => Math.min(0, newFareFen + dearer[n]! - fareFen));
    return { netFen: left.reduce((sum, fen) => sum + fen, 0), payFen: 0, isMost };
  }
  const nets = quote.tickets.map(({ netFen }, n) => netFen + dearer[n]! + feeOn(dearer[n]!, quote.feeBasisPoints));
  const mayPay = nets.some((fen) => fen > 0);
  const newFares = quote.tickets.reduce((sum, { newFareFen }, n) => sum + newFareFen + dearer[n]!, 0);
  return { netFen: nets.reduce((sum, fen) => sum + fen, 0), payFen: mayPay ? newFares : 0, isMost };
}

const feeOn = (fen: number, basisPoints: number): number =>
  fen > 0 && basisPoints > 0 ? Math.ceil((fen * basisPoints) / 10_000) + roundedByFen : 0;
