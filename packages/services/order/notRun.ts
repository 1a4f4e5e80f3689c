/** Whose train does not run, as far as that frees a ticket of fees. Pure. */
import type { OrderLine } from "@chepiao/contracts";
import { addDays, type EpochMs, epochMs, instantOfClock, type ZoneName } from "@chepiao/kernel";
import { type Cancellation, owedUntil } from "@chepiao/ports/run-states";
import type { RefundRules } from "./refundFee.ts";

export type NotRunBasis = Pick<RefundRules, "suspendedDays"> & {
  readonly cancellations: readonly Cancellation[];
  /** Who is in goes by a train that runs after all. */
  readonly isIn: boolean;
  /** By whose clock its days end. */
  readonly zone: ZoneName;
};

/** Until when a ticket of that line, bought then, is given back because its train does not run; null for one that does. */
export function notRunUntil(
  line: OrderLine,
  boughtAt: EpochMs,
  now: EpochMs,
  { suspendedDays, cancellations, isIn, zone }: NotRunBasis,
): EpochMs | null {
  const runsAfterAll = ({ endedAt }: Cancellation) => endedAt !== null && endedAt < line.departAt;
  const ofRun = cancellations.filter((each) => each.runId === line.runId && !(isIn && runsAfterAll(each)));
  if (ofRun.length === 0) return null;
  const lastAt = instantOfClock(addDays(line.boardingDate, suspendedDays + 1), 0, zone);
  const untils = ofRun.flatMap((each) => owedUntil(each, line, boughtAt, now, lastAt) ?? []);
  return untils.length === 0 ? null : epochMs(Math.max(...untils));
}
