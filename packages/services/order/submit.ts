/**
 * The road of a purchase: key → plan → limits → seats → log → answer. Purchases that come while others are being decided gather
 * and go together, so that one call to each store and one wait for the disk serve many (I2: only what is in the log is answered
 * as accepted; whatever is refused on the way gives back what it took).
 */
import {
  type Held,
  type HoldRef,
  type InventoryClient,
  type KnownPassenger,
  type OrderAccepted,
  type OrderRequest,
  type Refusal,
  refusal,
  runId,
  seatLabel,
  seatsOf,
  ServiceUnavailable,
  type Timetable,
  type UserClient,
} from "@chepiao/contracts";
import {
  assert,
  epochMs,
  type EpochMs,
  holdGraceMs,
  inOnePiece,
  type IdSource,
  ok,
  type OrderId,
  type OrderNo,
  orderNoOf,
  refuse,
  type Result,
  type ServiceDate,
  submitsInFlightMax,
  sumFen,
  type UserId,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Log } from "@chepiao/ports/log";
import type { Claim, Reservations } from "@chepiao/ports/reservations";
import type { Submissions } from "@chepiao/ports/submissions";
import { createBacklog } from "./backlog.ts";
import { type Plan, planPurchase, type PlanSettings } from "./plan.ts";

export type SubmitCommand = {
  readonly userId: UserId;
  readonly key: string;
  readonly requestHash: string;
  readonly request: OrderRequest;
};
export type SubmitOutcome = Result<OrderAccepted, Refusal>;

export type SubmitDeps = {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "passengers">;
  readonly inventory: Pick<InventoryClient, "hold" | "release">;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  readonly log: Pick<Log, "append">;
  readonly settings: PlanSettings & { readonly paymentTimeoutMs: number };
  /** An order that was accepted earlier, for a repeated key. */
  readonly find: (orderId: OrderId) => Promise<OrderAccepted | null>;
  readonly report: (message: string, error: unknown) => void;
};

const batchMax = 512;

/** One purchase on its way. */
type Job = {
  readonly command: SubmitCommand;
  readonly orderId: OrderId;
  readonly orderNo: OrderNo;
  readonly at: EpochMs;
  readonly outcome: Promise<SubmitOutcome>;
  readonly resolve: (outcome: SubmitOutcome) => void;
  isSettled: boolean;
};
type Planned = { readonly job: Job; readonly plan: Plan };
type Seated = Planned & { readonly held: Held };

export function createSubmit(deps: SubmitDeps) {
  const { clock, ids, inventory, reservations, submissions, log } = deps;
  const { paymentTimeoutMs } = deps.settings;
  let gathering: Job[] = [];
  let busy = false;
  const inFlight = new Map<OrderId, Job>();
  const backlog = createBacklog(deps);

  function submit(command: SubmitCommand): Promise<SubmitOutcome> {
    if (inFlight.size >= submitsInFlightMax || backlog.isTooLong()) return Promise.resolve(refuse(overloaded));
    const at = clock.now();
    const orderId = ids.orderId(command.userId, at);
    const { promise: outcome, resolve } = Promise.withResolvers<SubmitOutcome>();
    const job: Job = { command, orderId, orderNo: orderNoOf(orderId), at, outcome, resolve, isSettled: false };
    inFlight.set(orderId, job);
    gathering.push(job);
    if (!busy) {
      busy = true;
      clock.soon(() => void decideGathered());
    }
    return outcome;
  }

  function settle(job: Job, outcome: SubmitOutcome) {
    job.isSettled = true;
    inFlight.delete(job.orderId);
    job.resolve(outcome);
  }

  /** Decides what has gathered, hands it to the log without waiting for the disk, and looks again. */
  async function decideGathered() {
    while (gathering.length > 0) {
      let jobs = gathering.splice(0, batchMax);
      try {
        jobs = await enter(jobs);
        const seated = await seat(await limit(await planAll(jobs)));
        void record(seated);
      } catch (error) {
        deps.report("purchases could not be decided", error);
        await takeBack(jobs, reasonOf(error));
      }
    }
    busy = false;
  }

  /** Those whose key is new. The others hear what the first one heard. */
  async function enter(jobs: readonly Job[]): Promise<Job[]> {
    const entries = await submissions.enter(
      jobs.map(({ command, orderId, at }) => ({
        userId: command.userId,
        key: command.key,
        requestHash: command.requestHash,
        orderId,
        at,
      })),
    );
    return jobs.filter((job, n) => {
      const entry = entries[n]!;
      if (entry.kind === "new") return true;
      if (entry.kind === "other") settle(job, refuse(refusal("IdempotencyKeyReused")));
      else if (entry.kind === "refused") settle(job, refuse(entry.refusal));
      else void repeat(entry.orderId).then((outcome) => settle(job, outcome));
      return false;
    });
  }

  async function repeat(orderId: OrderId): Promise<SubmitOutcome> {
    const first = inFlight.get(orderId);
    if (first) return first.outcome;
    try {
      const order = await deps.find(orderId);
      // Not in flight here and not yet readable: another process is still at it, and knows more in a moment.
      return order ? ok(order) : refuse(overloaded);
    } catch (error) {
      deps.report("the order of a repeated purchase could not be read", error);
      return refuse(reasonOf(error));
    }
  }

  async function planAll(jobs: readonly Job[]): Promise<Planned[]> {
    const timetable = deps.timetable();
    const planned: Planned[] = [];
    const others: Promise<void>[] = [];
    const savedOf = jobs.map(passengersOf);
    for (const [n, job] of jobs.entries()) {
      // Waited for only where they are not in memory: most are, and a wait for each would cost more than the plan.
      const saved = savedOf[n] instanceof Promise ? await savedOf[n] : savedOf[n];
      if (isRefusal(saved!)) {
        others.push(takeBack([job], saved));
        continue;
      }
      const answer = planOne(job, saved!, timetable);
      if (!answer) others.push(takeBack([job], internal));
      else if (answer.ok) planned.push({ job, plan: answer.value });
      else others.push(turnAway(job, answer.error));
    }
    await Promise.all(others);
    return planned;
  }

  /** A refusal where the passengers of that one account cannot be read: no reason to fail the others. */
  function passengersOf({ command }: Job) {
    const failed = (error: unknown): Refusal => {
      deps.report("the passengers of a purchase could not be read", error);
      return reasonOf(error);
    };
    try {
      const saved = deps.users.passengers(command.userId);
      return saved instanceof Promise ? saved.catch(failed) : saved;
    } catch (error) {
      return failed(error);
    }
  }

  function planOne(
    { command, at }: Job,
    saved: readonly KnownPassenger[],
    timetable: Timetable,
  ): Result<Plan, Refusal> | null {
    try {
      return planPurchase(command.request, saved, timetable, at, deps.settings);
    } catch (error) {
      deps.report("a purchase could not be planned", error);
      return null;
    }
  }

  async function limit(planned: readonly Planned[]): Promise<Planned[]> {
    if (planned.length === 0) return [];
    const answers = await reservations.claim(planned.map(claimOf));
    const within: Planned[] = [];
    const others: Promise<void>[] = [];
    for (const [n, one] of planned.entries()) {
      const answer = answers[n]!;
      if (answer.ok) within.push(one);
      else others.push(turnAway(one.job, answer.error));
    }
    await Promise.all(others);
    return within;
  }

  async function seat(planned: readonly Planned[]): Promise<Seated[]> {
    if (planned.length === 0) return [];
    const answers = await inventory.hold(
      planned.map(({ job, plan }) => ({
        holdId: job.orderId,
        run: plan.run,
        seatClass: plan.seatClass,
        fromStop: plan.fromStop,
        toStop: plan.toStop,
        preferences: plan.passengers.map(({ preference }) => preference),
        deadline: epochMs(job.at + paymentTimeoutMs + holdGraceMs),
      })),
    );
    const seated: Seated[] = [];
    const others: Promise<void>[] = [];
    for (const [n, { job, plan }] of planned.entries()) {
      const answer = answers[n]!;
      if (answer.ok) seated.push({ job, plan, held: answer.value });
      else others.push(noSeat(job, answer.error));
    }
    await Promise.all(others);
    return seated;
  }

  async function noSeat(job: Job, reason: Refusal) {
    await reservations.giveBack(job.orderId);
    await turnAway(job, reason);
  }

  /** Makes the purchases facts. Visible to their owners before they are answered, so that nobody looks in vain. */
  async function record(seated: readonly Seated[]) {
    const { jobs, orders } = await writeOrders(seated);
    if (orders.length === 0) return;
    try {
      await submissions.accepted(orders);
      await log.append(orders.map((value) => ({ topic: "order-create-topic", key: value.runId, value })));
    } catch (error) {
      deps.report("purchases could not be written to the log", error);
      await takeBack(jobs, reasonOf(error));
      return;
    }
    // Nobody waits for this: should it fail, what reads the log will have written the orders long before they are forgotten.
    void submissions
      .logged(orders)
      .catch((error: unknown) => deps.report("purchases are not known to be logged", error));
    backlog.accepted(orders[0]!.orderId);
    jobs.forEach((job, n) => settle(job, ok(orders[n]!)));
  }

  /** What will be appended. One purchase that cannot be put in words does not fail the others. */
  async function writeOrders(seated: readonly Seated[]) {
    const jobs: Job[] = [];
    const orders: OrderAccepted[] = [];
    for (const one of seated) {
      try {
        orders.push(orderOf(one, deps.timetable(), paymentTimeoutMs));
        jobs.push(one.job);
      } catch (error) {
        deps.report("a purchase could not be written down", error);
        await takeBack([one.job], internal);
      }
    }
    return { jobs, orders };
  }

  async function turnAway(job: Job, reason: Refusal) {
    await submissions.refused(job.command.userId, job.command.key, reason);
    settle(job, refuse(reason));
  }

  /**
   * Not the purchases' fault: those not answered yet give back whatever they took, and their keys are free for another try.
   * Never throws. What a port does not take back ends with the hold's deadline.
   */
  async function takeBack(jobs: readonly Job[], reason: Refusal) {
    await Promise.all(jobs.filter((job) => !job.isSettled).map((job) => takeBackOne(job, reason)));
  }

  async function takeBackOne(job: Job, reason: Refusal) {
    // Side by side: where nobody answers, each is waited for as long as it has patience.
    await Promise.all([
      tried(inventory.release(holdOf(job))),
      tried(reservations.giveBack(job.orderId)),
      tried(submissions.withdrawn(job.command.userId, job.command.key, job.orderId)),
    ]);
    settle(job, refuse(reason));
  }

  const tried = (work: Promise<void>) =>
    work.catch((error: unknown) => deps.report("a purchase could not be taken back", error));

  return { submit, inFlight: () => inFlight.size };
}

const internal = refusal("Internal");
const overloaded = refusal("Overloaded", { retryAfterSeconds: 1 });
/** Somebody is away, which ends by itself; anything else is our own fault. */
const reasonOf = (error: unknown): Refusal => (error instanceof ServiceUnavailable ? error.refusal : internal);
const isRefusal = (answer: object): answer is Refusal => "code" in answer;

const holdOf = ({ orderId, command: { request } }: Job): HoldRef => ({
  runId: runId(request.trainNumber, request.originDate as ServiceDate),
  holdId: orderId,
});

const ticketNoOf = (orderNo: OrderNo, n: number) => inOnePiece(orderNo, "-", n + 1);

const claimOf = ({ job, plan }: Planned): Claim => ({
  orderId: job.orderId,
  userId: job.command.userId,
  runId: plan.run.runId,
  boardingDate: plan.boardingDate,
  departAt: plan.departAt,
  arriveAt: plan.arriveAt,
  trips: plan.passengers.map(({ passenger }, n) => ({
    ticketNo: ticketNoOf(job.orderNo, n),
    documentHash: passenger.documentHash,
  })),
});

function orderOf({ job, plan, held }: Seated, timetable: Timetable, paymentTimeoutMs: number): OrderAccepted {
  const { run, seatClass, fromStop, toStop } = plan;
  const from = run.train.stops[fromStop]!;
  const to = run.train.stops[toStop]!;
  const seats = seatsOf(run.train.composition).get(seatClass)!;
  const tickets = plan.passengers.map(({ passenger, ticketType }, n) => {
    const seat = seats[held.seatIndexes[n]!];
    assert(seat !== undefined, `the seat held for ${run.runId} exists in its composition`);
    return {
      ticketNo: ticketNoOf(job.orderNo, n),
      passengerId: passenger.passengerId,
      name: passenger.name,
      documentType: passenger.documentType,
      documentSealed: passenger.documentSealed,
      documentHash: passenger.documentHash,
      documentMasked: passenger.documentMasked,
      ticketType,
      seatIndex: seat.index,
      coachNo: seat.coachNo,
      seat: seatLabel(seatClass, seat),
      fareFen: timetable.fare(run, seatClass, fromStop, toStop, ticketType, seat),
    };
  });
  return {
    orderId: job.orderId,
    orderNo: job.orderNo,
    userId: job.command.userId,
    runId: run.runId,
    trainNumber: run.train.trainNumber,
    originDate: run.originDate,
    boardingDate: plan.boardingDate,
    fromStop,
    toStop,
    fromStationId: from.stationId,
    toStationId: to.stationId,
    fromName: from.name,
    toName: to.name,
    departAt: plan.departAt,
    arriveAt: plan.arriveAt,
    seatClass,
    together: held.together,
    preferencesUnmet: held.granted.filter((granted) => !granted).length,
    totalFen: sumFen(tickets.map((ticket) => ticket.fareFen)),
    acceptedAt: job.at,
    payBy: epochMs(job.at + paymentTimeoutMs),
    idempotencyKey: job.command.key,
    requestHash: job.command.requestHash,
    tickets,
  };
}
