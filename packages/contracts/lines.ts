/**
 * The lines of an order: one way on one run in one class, for one or several passengers. Classes that differ, two trains in one order,
 * a change of seats half-way on one train and a ticket that was changed are lines of their own. All of an order's lines are held, or none.
 */
import type { EpochMs, OrderId, ServiceDate } from "@chepiao/kernel";
import type { RunId } from "./runId.ts";
import type { SeatClass, Togetherness } from "./vocabulary.ts";

export type OrderLine = {
  /** Its place among the order's lines, counted from 0. Stays with it, and is part of the name of its hold. */
  readonly line: number;
  readonly runId: RunId;
  readonly trainNumber: string;
  readonly originDate: ServiceDate;
  readonly boardingDate: ServiceDate;
  readonly fromStop: number;
  readonly toStop: number;
  readonly fromStationId: string;
  readonly toStationId: string;
  readonly fromName: string;
  readonly toName: string;
  readonly departAt: EpochMs;
  readonly arriveAt: EpochMs;
  readonly seatClass: SeatClass;
  readonly together: Togetherness;
  readonly preferencesUnmet: number;
  /** What its hold is named by instead of `line`: of seats that the waitlist was given, which of the entry's trains they are for. */
  readonly holdLine?: number;
};

export type OrderLines<Line = OrderLine> = readonly [Line, ...Line[]];

/** Names a hold: the order's id and the line. A hold lives with its run, so who names it says the run too. */
export type HoldName = { readonly runId: RunId; readonly holdId: OrderId; readonly line: number };

export const holdNameOf = (hold: Omit<HoldName, "runId"> & { readonly run: { readonly runId: RunId } }): HoldName => ({
  runId: hold.run.runId,
  holdId: hold.holdId,
  line: hold.line,
});

/** By which line its hold is known. */
export const holdLineOf = ({ line, holdLine = line }: Pick<OrderLine, "holdLine" | "line">): number => holdLine;

/** As text: a hold of line 0 is named by the order's id alone, as it was before orders had lines. */
export const holdText = ({ holdId, line }: Pick<HoldName, "holdId" | "line">): string =>
  line === 0 ? String(holdId) : `${holdId}:${line}`;

export function holdIn(text: string): Pick<HoldName, "holdId" | "line"> {
  const colon = text.indexOf(":");
  return colon < 0
    ? { holdId: Number(text) as OrderId, line: 0 }
    : { holdId: Number(text.slice(0, colon)) as OrderId, line: Number(text.slice(colon + 1)) };
}

type Lined<Line> = { readonly lines: OrderLines<Line> };
type Ticketed<Ticket> = { readonly tickets: readonly Ticket[] };

/** What is known of an order as a whole travels under the key of its first run. */
export const firstRunOf = ({ lines }: Lined<Pick<OrderLine, "runId">>): RunId => lines[0].runId;

/** Each line as something else. */
export const mapLines = <Line, Other>(
  [first, ...others]: OrderLines<Line>,
  to: (line: Line) => Other,
): OrderLines<Other> => [to(first), ...others.map(to)];

/** The line of one of the order's tickets. */
export const lineOf = <Line>({ lines }: Lined<Line>, { line }: { readonly line: number }): Line => lines[line]!;

/** The tickets of one of its lines, in their order. */
export const ticketsOf = <Ticket extends { readonly line: number }>(
  { lines, tickets }: Lined<unknown> & Ticketed<Ticket>,
  { line }: { readonly line: number },
): readonly Ticket[] => (lines.length === 1 ? tickets : tickets.filter((ticket) => ticket.line === line));

/** When the last of its trips is over. */
export const endOf = ({ lines }: Lined<Pick<OrderLine, "arriveAt">>): EpochMs =>
  lines.length === 1 ? lines[0].arriveAt : (Math.max(...lines.map(({ arriveAt }) => arriveAt)) as EpochMs);
