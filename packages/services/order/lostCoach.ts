/** Whose seat the train does not have any more, as far as that frees a ticket of fees. Pure. */
import type { OrderLine, RunId } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { TicketRecord } from "@chepiao/ports/order-store";
import { hasLost, lostSince, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";

/** By run, what of it is lost. */
export type LostCoaches = ReadonlyMap<RunId, Pick<WithdrawnCoaches, "exchange" | "lost">>;

export const lostIn = (withdrawn: readonly WithdrawnCoaches[]): LostCoaches =>
  new Map(withdrawn.filter(hasLost).map((each) => [each.runId, each]));

/** Until the train leaves: who has gone by it then has found a seat, or none, and that is for staff to say. */
export function isCoachLost(
  ticket: Pick<TicketRecord, "coachNo" | "seatIndex">,
  line: Pick<OrderLine, "departAt" | "runId" | "seatClass">,
  now: EpochMs,
  lost: LostCoaches,
): boolean {
  const ofRun = now < line.departAt ? lost.get(line.runId) : undefined;
  return ofRun !== undefined && lostSince(ofRun, line, ticket) !== null;
}
