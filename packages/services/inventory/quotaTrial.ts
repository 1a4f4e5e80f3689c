/**
 * Quotas before they are used: one run is sold to a demand with them and without, on a seat store of its own and by its rules, and what
 * each sale comes to is counted. The same demand always comes to the same.
 */
import { type OfferChange, type RefusalCode, type Run, type SeatClass, seatsOf } from "@chepiao/contracts";
import {
  assert,
  createPrng,
  type EpochMs,
  epochMs,
  hourMs,
  type OrderId,
  passengersPerOrderMax,
} from "@chepiao/kernel";
import type { ClassQuotas } from "@chepiao/ports/quota-store";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { createEngineSeats } from "./engineSeats.ts";
import { offerChangeOf } from "./quotas.ts";

/** A party that asks once; where it is refused, it waits for seats or goes elsewhere. */
export type TrialRequest = {
  readonly at: EpochMs;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly passengers: number;
  readonly waits: boolean;
};

/** People, but for the last two, which are kilometres. */
export type TrialOutcome = {
  readonly asked: number;
  readonly carried: number;
  /** Of those carried, who had been refused and waited. */
  readonly served: number;
  /** Left over because the seats were gone, and because a quota kept them back. */
  readonly soldOut: number;
  readonly keptBack: number;
  readonly passengerKm: number;
  /** Spoiled: seats that left empty over ways which somebody had asked for whom a quota refused. */
  readonly spoiledKm: number;
};

export type Trial = {
  readonly run: Run;
  /** Of this run. */
  readonly quotas: readonly ClassQuotas[];
  /** In order of time. */
  readonly demand: readonly TrialRequest[];
};

export async function trySale(
  { run, quotas, demand }: Trial,
  seats: Pick<SeatStore, "hold" | "setOffers" | "waitlists"> = createEngineSeats(),
): Promise<TrialOutcome> {
  const departure = epochMs(run.dayStart + run.train.stops[0]!.departS * 1_000);
  const served = new Set<number>();
  seats.waitlists.hear(({ grants }) => grants.forEach(({ holdId }) => served.add(holdId)));
  const offers = quotas.map((each): OfferChange => offerChangeOf(run, each));
  for (const refused of await seats.setOffers(offers, demand[0]?.at ?? departure))
    assert(refused === null, `the quotas can be set: ${refused?.code}`);
  const refusals = new Map<number, RefusalCode>();
  for (const [n, request] of demand.entries()) {
    const refused = await ask(seats, run, request, n + 1);
    if (refused) refusals.set(n, refused);
  }
  await seats.waitlists.serve([run], departure);
  for (const id of served) refusals.delete(id - 1);
  return outcomeOf(run, demand, { refusals, served: (n) => served.has(n + 1) });
}

async function ask(
  seats: Pick<SeatStore, "hold" | "waitlists">,
  run: Run,
  { at, seatClass, fromStop, toStop, passengers, waits }: TrialRequest,
  id: number,
): Promise<RefusalCode | null> {
  const party = {
    holdId: id as OrderId,
    line: 0,
    run,
    fromStop,
    toStop,
    preferences: Array.from({ length: passengers }, () => null),
  };
  const [held] = await seats.hold([{ ...party, seatClass, deadline: epochMs(at + hourMs) }], at);
  if (held!.ok) return null;
  if (waits) await seats.waitlists.join([{ ...party, seatClasses: [seatClass], place: id }], at);
  return held!.error.code;
}

type Told = { readonly refusals: ReadonlyMap<number, RefusalCode>; readonly served: (n: number) => boolean };

function outcomeOf(run: Run, demand: readonly TrialRequest[], { refusals, served }: Told): TrialOutcome {
  const km = (from: number, to: number) => (run.train.stops[to]!.distanceM - run.train.stops[from]!.distanceM) / 1_000;
  const passengersOf = (isMeant: (n: number) => boolean) =>
    demand.reduce((sum, { passengers }, n) => (isMeant(n) ? sum + passengers : sum), 0);
  const isKeptBack = (n: number) => refusals.get(n) === "NotOnSaleBetween";
  let passengerKm = 0;
  let spoiledKm = 0;
  for (const seatClass of new Set(demand.map((request) => request.seatClass))) {
    const seatCount = seatsOf(run.train.composition).get(seatClass)?.length ?? 0;
    for (let segment = 0; segment + 1 < run.train.stops.length; segment++) {
      const isOver = (n: number) => {
        const request = demand[n]!;
        return request.seatClass === seatClass && request.fromStop <= segment && segment < request.toStop;
      };
      const taken = passengersOf((n) => isOver(n) && !refusals.has(n));
      const wanted = passengersOf((n) => isOver(n) && isKeptBack(n));
      passengerKm += taken * km(segment, segment + 1);
      spoiledKm += Math.min(seatCount - taken, wanted) * km(segment, segment + 1);
    }
  }
  return {
    asked: passengersOf(() => true),
    carried: passengersOf((n) => !refusals.has(n)),
    served: passengersOf(served),
    soldOut: passengersOf((n) => refusals.has(n) && !isKeptBack(n)),
    keptBack: passengersOf(isKeptBack),
    passengerKm,
    spoiledKm,
  };
}

// A demand that is made up ------------------------------------------------------------------------------------------------

export type DemandAsked = {
  readonly run: Run;
  readonly seatClasses: readonly SeatClass[];
  readonly opening: EpochMs;
  readonly closing: EpochMs;
  /** Of the run's seat-kilometres. */
  readonly percent: number;
  /** Of those who are refused. */
  readonly waitingPercent: number;
  readonly seed: number;
};

/**
 * More people go from and to the ends of the line than between, each stop draws as many as chance gives it, and who goes far asks early: what
 * makes a long way compete with the short ones inside it. By the seed alone.
 */
export function madeUpDemand({
  run,
  seatClasses,
  opening,
  closing,
  percent,
  waitingPercent,
  seed,
}: DemandAsked): TrialRequest[] {
  const prng = createPrng(seed);
  const { stops, composition } = run.train;
  const last = stops.length - 1;
  const draw = stops.map((_, stop) => (0.4 + prng.next()) * (stop === 0 || stop === last ? endsDraw : 1));
  const ways = stops.flatMap((from, fromStop) =>
    stops.flatMap((to, toStop) =>
      fromStop < toStop && from.closedTo !== "boarding" && to.closedTo !== "alighting"
        ? [{ fromStop, toStop, weight: draw[fromStop]! * draw[toStop]!, metres: to.distanceM - from.distanceM }]
        : [],
    ),
  );
  const length = Math.max(1, stops[last]!.distanceM - stops[0]!.distanceM);
  const total = ways.reduce((sum, { weight }) => sum + weight, 0);
  const requests: TrialRequest[] = [];
  for (const seatClass of seatClasses) {
    const seatCount = seatsOf(composition).get(seatClass)?.length ?? 0;
    for (let left = (seatCount * length * percent) / 100; left > 0 && ways.length > 0;) {
      let pick = prng.next() * total;
      const way = ways.find(({ weight }) => (pick -= weight) < 0) ?? ways.at(-1)!;
      const passengers = Math.min(passengersPerOrderMax, partySizes.find(({ upTo }) => prng.next() < upTo)?.size ?? 1);
      const shape = shortShape + (longShape - shortShape) * (way.metres / length);
      const at = epochMs(Math.round(opening + (closing - opening) * prng.next() ** shape));
      const { fromStop, toStop } = way;
      requests.push({ at, seatClass, fromStop, toStop, passengers, waits: prng.chance(waitingPercent / 100) });
      left -= passengers * Math.max(1, way.metres);
    }
  }
  return requests.toSorted((a, b) => a.at - b.at);
}

const endsDraw = 3;
/** Of a number between 0 and 1 the power: above 1 most ask early, below it late. */
const shortShape = 0.7;
const longShape = 3;
/** Each with the chance that it is not one of those before it. */
const partySizes = [
  { size: 1, upTo: 0.6 },
  { size: 2, upTo: 0.6 },
  { size: 3, upTo: 0.7 },
  { size: 4, upTo: 1 },
];
