/**
 * Step 8: the purchase becomes a fact. Visible to its owner before it is answered, so that nobody looks in vain; answered once the
 * durable log has it (I2). What is appended is never undone: when this step fails, it has not been, and where that is not known, it
 * is found out (`unknownAppends.ts`).
 */
import { type OrderAccepted, refusal } from "@chepiao/contracts";
import { type Log, LogUnavailable } from "@chepiao/ports/log";
import type { Submissions } from "@chepiao/ports/submissions";
import { netOfReplaced } from "../change/plan.ts";
import { acceptedOrder } from "./acceptedOrder.ts";
import {
  type Draft,
  type Ended,
  failed,
  reasonOf,
  refused,
  type Step,
  type Unknown,
  unknown,
  type Verdict,
} from "./step.ts";
import { createdRecords, type UnknownAppends } from "./unknownAppends.ts";

export type RecordStepDeps = {
  readonly submissions: Pick<Submissions, "accepted">;
  readonly log: Pick<Log, "append">;
  readonly unknownAppends: Pick<UnknownAppends, "add">;
  /** The log has them. */
  readonly logged: (orders: readonly OrderAccepted[]) => void;
  readonly report: (message: string, error: unknown) => void;
};

export function createRecordStep(deps: RecordStepDeps): Step {
  const { submissions, log, logged, unknownAppends, report } = deps;

  /** What will be appended. One purchase that cannot be put in words does not fail the others. */
  function writeDown(draft: Draft): Ended | null {
    try {
      const order = acceptedOrder(draft);
      // Fares have risen since it was prepaid.
      if (order.prepaid && order.prepaid.amountFen < order.totalFen) return refused(refusal("OrderNotPayable"));
      const netFen = order.replaces ? netOfReplaced(order, order.replaces) : 0;
      const netFenMax = draft.command.replacing?.netFenMax ?? null;
      if (netFenMax !== null && netFen > netFenMax) return refused(refusal("OrderChanged", { netFen }));
      draft.order = order;
      return null;
    } catch (error) {
      report("a purchase could not be written down", error);
      return failed(reasonOf(error));
    }
  }

  return {
    name: "record",
    inBackground: true,
    async do(drafts) {
      const verdicts: (Verdict | null)[] = drafts.map(writeDown);
      await show(drafts, verdicts);
      const orders = drafts.flatMap(({ order }, n) => (order === null || verdicts[n] ? [] : [order]));
      const untold = orders.length > 0 ? await append(orders) : null;
      return untold ? verdicts.map((verdict) => verdict ?? untold) : verdicts;
    },
    // What the owner can see of it already goes with the key.
    undo: null,
  };

  /** To their owners. Those whose keeper is away go no further, and the others do. */
  async function show(drafts: readonly Draft[], verdicts: (Verdict | null)[]): Promise<void> {
    const places = [...drafts.keys()].filter((n) => drafts[n]!.order !== null);
    if (places.length === 0) return;
    const away = await submissions.accepted(places.map((n) => drafts[n]!.order!));
    for (const [at, reason] of (away ?? []).entries()) if (reason) verdicts[places[at]!] = failed(reason);
  }

  /** Says so where it is not known to be appended, and finds out about it. Throws where it surely is not. */
  async function append(orders: readonly OrderAccepted[]): Promise<Unknown | null> {
    try {
      await log.append(createdRecords(orders));
    } catch (error) {
      if (!(error instanceof LogUnavailable && error.mayArrive)) throw error;
      report("purchases are not known to be in the log", error);
      unknownAppends.add(orders);
      return unknown(error.refusal);
    }
    logged(orders);
    return null;
  }
}
