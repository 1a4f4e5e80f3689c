/**
 * The door of purchases. Those that come while others are being decided gather and go together through the steps (`steps.ts`), so that one
 * call to each store and one wait for the disk serve many (I2: only what is in the log is answered as accepted; whatever ends on the way
 * gives back what it took).
 */
import type {
  AnnouncedQueuesClient,
  InventoryClient,
  OrderAccepted,
  Reply,
  RiskClient,
  Timetable,
  UserClient,
} from "@chepiao/contracts";
import { type IdSource, ok, type OrderId, orderNoOf, refuse, submitsInFlightMax } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Log } from "@chepiao/ports/log";
import type { OrderStore } from "@chepiao/ports/order-store";
import type { PurchaseLoad } from "@chepiao/ports/purchase-load";
import type { Random } from "@chepiao/ports/random";
import type { Reservations } from "@chepiao/ports/reservations";
import type { Submissions } from "@chepiao/ports/submissions";
import type { QueuePasses } from "@chepiao/room";
import { rulesOf } from "../rules.ts";
import { createBacklog } from "./backlog.ts";
import type { Purchase } from "./command.ts";
import { createLoadNotes } from "./load.ts";
import { createRun } from "./run.ts";
import { type Answer, type Draft, internal, overloaded, reasonOf } from "./step.ts";
import { createSteps } from "./steps.ts";
import { createUnknownAppends } from "./unknownAppends.ts";

export type SubmitDeps = {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "passengers">;
  readonly inventory: Pick<InventoryClient, "hold" | "release">;
  readonly queues: AnnouncedQueuesClient;
  readonly passes: QueuePasses;
  readonly risk: RiskClient;
  readonly store: Pick<OrderStore, "studentTrips">;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  readonly log: Pick<Log, "append">;
  readonly load: Pick<PurchaseLoad, "note">;
  readonly random: Pick<Random, "token">;
  /** An order that was accepted earlier, for a repeated key; null before it is known to be in the log. */
  readonly findLogged: (orderId: OrderId) => Promise<OrderAccepted | null>;
  /** Also one of which nobody knows yet whether it is in the log. */
  readonly find: (orderId: OrderId) => Promise<OrderAccepted | null>;
  /** What the owner of an accepted order is answered. */
  readonly replyOf: (order: OrderAccepted) => Reply;
  readonly report: (message: string, error: unknown) => void;
};

const batchMax = 512;
const nothingYet = {
  isAgain: false,
  trains: null,
  rules: null,
  payBy: null,
  plans: null,
  held: null,
  change: null,
  order: null,
};

export function createSubmit(deps: SubmitDeps) {
  const { clock, ids, submissions, report } = deps;
  const backlog = createBacklog({ ...deps, rules: () => rulesOf(deps.timetable().policy) });
  /** Who waits for the outcome of each. */
  const inFlight = new Map<OrderId, PromiseWithResolvers<Answer>>();
  let gathering: Draft[] = [];
  let isBusy = false;
  const loadNotes = createLoadNotes({
    ...deps,
    rules: () => deps.timetable().policy.policy.queue?.load ?? null,
    waiting: () => inFlight.size,
    unwrittenMs: backlog.oldestMs,
  });
  const unknownAppends = createUnknownAppends({ ...deps, logged });
  const run = createRun(createSteps({ ...deps, logged, unknownAppends, firstAnswer }), {
    accepted,
    settle,
    mayBeOrder: async ({ orderId }) => (await deps.find(orderId)) !== null,
    report,
  });

  /** Nobody waits for this: should it fail, what reads the log will have written the orders long before they are forgotten. */
  function logged(orders: readonly OrderAccepted[]) {
    void submissions.logged(orders).catch((error: unknown) => report("purchases are not known to be logged", error));
    backlog.accepted(orders[0]!.orderId);
  }

  const submit: Purchase = (command) => {
    loadNotes.tried(command);
    if (inFlight.size >= submitsInFlightMax || backlog.isTooLong()) return Promise.resolve(refuse(overloaded));
    const at = clock.now();
    const orderId = command.granted?.orderId ?? ids.orderId(command.userId, at);
    // Asked for again while it is being decided.
    const first = inFlight.get(orderId);
    if (first) return first.promise;
    const asked = Promise.withResolvers<Answer>();
    inFlight.set(orderId, asked);
    gathering.push({ command, orderId, orderNo: orderNoOf(orderId), at, ...nothingYet });
    if (!isBusy) {
      isBusy = true;
      clock.soon(() => void decideGathered());
    }
    return asked.promise;
  };

  function accepted(draft: Draft) {
    settle(draft, replyTo(draft.order!));
  }

  /** What is in the log is a fact, also where it cannot be put in words. */
  function replyTo(order: OrderAccepted): Answer {
    try {
      return ok(deps.replyOf(order));
    } catch (error) {
      report("an accepted purchase could not be answered", error);
      return refuse(internal);
    }
  }

  function settle({ orderId }: Draft, answer: Answer) {
    const asked = inFlight.get(orderId)!;
    inFlight.delete(orderId);
    asked.resolve(answer);
  }

  /** Decides what has gathered, and looks again. */
  async function decideGathered() {
    while (gathering.length > 0) await run(gathering.splice(0, batchMax));
    isBusy = false;
  }

  async function firstAnswer(orderId: OrderId): Promise<Answer> {
    const first = inFlight.get(orderId);
    if (first) return first.promise;
    try {
      const order = await deps.findLogged(orderId);
      // Not in flight here and not yet known to be logged: another process is still at it, and knows more in a moment.
      return order ? replyTo(order) : refuse(overloaded);
    } catch (error) {
      report("the order of a repeated purchase could not be read", error);
      return refuse(reasonOf(error));
    }
  }

  return { submit, inFlight: () => inFlight.size, stop: unknownAppends.stop };
}
