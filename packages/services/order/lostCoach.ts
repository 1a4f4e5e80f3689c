/** Whose coach the train runs without, as far as that frees a ticket of fees. Pure. */
import type { OrderLine, RunId } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { TicketRecord } from "@chepiao/ports/order-store";
import type { WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";

/** By run, the numbers of coaches without which it runs. */
export type LostCoaches = ReadonlyMap<RunId, ReadonlySet<number>>;

export const lostIn = (withdrawn: readonly WithdrawnCoaches[]): LostCoaches =>
  new Map(withdrawn.map(({ runId, lost }) => [runId, new Set(lost.map(({ no }) => no))]));

/** Until the train leaves: who has gone by it then has found a seat, or none, and that is for staff to say. */
export const isCoachLost = (
  ticket: Pick<TicketRecord, "coachNo">,
  { runId, departAt }: Pick<OrderLine, "departAt" | "runId">,
  now: EpochMs,
  lost: LostCoaches,
): boolean => now < departAt && lost.get(runId)?.has(ticket.coachNo) === true;
