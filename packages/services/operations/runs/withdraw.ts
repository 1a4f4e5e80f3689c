/** Takes coaches of a run off sale, or puts them back. Nobody's seat is touched: what of it is given back is sold to nobody. */
import { type Composition, presentSeatsOf, type RunId, type SeatClass, seatClasses } from "@chepiao/contracts";
import { ok, refuse, type Result } from "@chepiao/kernel";
import { noneWithdrawn, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import type { RunDeps, RunFault } from "./deps.ts";
import { ordersOn } from "./effect.ts";
import { partiesOf } from "./parties.ts";
import { runToChange } from "./words.ts";

export type CoachesAsked = {
  readonly run: RunId;
  /** One or more: what they lose together is planned together. */
  readonly coachNos: readonly number[];
};

/** Of a class, the seats of these coaches, and how many tickets have one of them. */
export type CoachSeats = { readonly seatClass: SeatClass; readonly seats: number; readonly tickets: number };

export type CoachPlan = CoachesAsked & {
  /** Of what was withdrawn when it was planned. */
  readonly version: number;
  readonly before: WithdrawnCoaches;
  /** Null where it is so already. */
  readonly after: WithdrawnCoaches | null;
  readonly seats: readonly CoachSeats[];
};

export async function planWithdraw(deps: RunDeps, asked: CoachesAsked): Promise<Result<CoachPlan, RunFault>> {
  const composition = compositionOf(deps, asked);
  if (!composition.ok) return composition;
  const { version, withdrawn: before } = await withdrawnOf(deps, asked.run);
  const fresh = asked.coachNos.filter((no) => !before.coachNos.includes(no));
  if (fresh.length === 0) return ok({ ...asked, version, before, after: null, seats: [] });
  const seats = await seatsIn(deps, asked, composition.value);
  return ok({ ...asked, version, before, after: { ...before, coachNos: [...before.coachNos, ...fresh] }, seats });
}

/** Also a coach that the train does not have any more. */
export async function planReinstate(deps: RunDeps, asked: CoachesAsked): Promise<Result<CoachPlan, RunFault>> {
  const { run, coachNos } = asked;
  const { version, withdrawn: before } = await withdrawnOf(deps, run);
  const other = coachNos.find((no) => !before.coachNos.includes(no));
  if (other !== undefined) return refuse({ kind: "coachNotWithdrawn", run, no: other });
  const after = {
    ...before,
    coachNos: before.coachNos.filter((no) => !coachNos.includes(no)),
    lost: before.lost.filter(({ no }) => !coachNos.includes(no)),
  };
  return ok({ ...asked, version, before, after, seats: [] });
}

export async function withdrawnOf({ withdrawnCoaches }: Pick<RunDeps, "withdrawnCoaches">, run: RunId) {
  // The number first: what is changed behind it is seen by who changes next.
  const version = await withdrawnCoaches.version();
  return { version, withdrawn: (await withdrawnCoaches.ofRuns([run]))[0] ?? noneWithdrawn(run) };
}

/** @param after null where it is known already that somebody else was quicker */
export async function setCoaches(
  { withdrawnCoaches }: Pick<RunDeps, "withdrawnCoaches">,
  after: number | null,
  coaches: WithdrawnCoaches,
  what: "coaches" | "exchange" = "coaches",
): Promise<Result<void, RunFault>> {
  const isSet = after !== null && (await withdrawnCoaches.set(after, coaches)) !== null;
  return isSet ? ok(undefined) : refuse({ kind: "changedMeanwhile", run: coaches.runId, what });
}

/** Of a train that has all of these coaches. */
export function compositionOf(deps: RunDeps, { run, coachNos }: CoachesAsked): Result<Composition, RunFault> {
  const known = runToChange(deps, run);
  if (!known.ok) return known;
  const { composition } = known.value.train;
  const no = coachNos.find((each) => !composition.coaches.some((coach) => coach.no === each));
  return no === undefined ? ok(composition) : refuse({ kind: "coachUnknown", run, no, composition });
}

async function seatsIn(deps: RunDeps, { run, coachNos }: CoachesAsked, composition: Composition) {
  const orders = await ordersOn(deps.orders, { runId: run, skipped: null });
  const parties = orders.flatMap((order) => partiesOf(order, run));
  const seats = presentSeatsOf(composition);
  return seatClasses.flatMap((seatClass): CoachSeats[] => {
    const own = (seats.get(seatClass) ?? []).filter((seat) => coachNos.includes(seat.coachNo));
    const tickets = parties
      .filter((party) => party.seatClass === seatClass)
      .flatMap((party) => party.tickets)
      .filter(({ seatIndex }) => own.some(({ index }) => index === seatIndex));
    return own.length === 0 ? [] : [{ seatClass, seats: own.length, tickets: tickets.length }];
  });
}
