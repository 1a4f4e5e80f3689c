/** What an entry of the waitlist asks for, worked out of what was chosen; what it costs at most; and until when it can wait. Pure. */
import type { ClassOffer, SeatClass, TicketType, TrainOffer, WaitlistEntry, WaitlistRequest } from "@chepiao/contracts";
import type { TrainChoice } from "../book/address.ts";
import { hasRoom } from "../book/alternativesTo.ts";
import type { WaitlistRules } from "./useWaitlistRules.ts";

/** A train of a search, by the day of the search. */
export type ChosenTrain = TrainChoice & { readonly date: string };

/** A train that is waited for, in these classes, the best first. */
export type WaitedTrain = { readonly train: TrainOffer; readonly classes: readonly SeatClass[] };

/** One train is waited for once, though a city may have several stations at which it calls. */
export const trainKey = ({ trainNumber, originDate }: Pick<TrainChoice, "trainNumber" | "originDate">): string =>
  `${trainNumber}/${originDate}`;

export const onceEach = (trains: readonly TrainOffer[]): readonly TrainOffer[] =>
  trains.filter((train, n) => trains.findIndex((other) => trainKey(other) === trainKey(train)) === n);

export const chosenOf = (train: TrainOffer, date: string): ChosenTrain => ({
  date,
  trainNumber: train.trainNumber,
  originDate: train.originDate,
  board: train.from.stationId,
  alight: train.to.stationId,
});

/** Of the wanted classes, in their order, those that the train has and the party cannot have now. */
export const classesToWaitFor = (
  train: Pick<TrainOffer, "classes">,
  wanted: readonly SeatClass[],
  partySize: number,
): readonly SeatClass[] =>
  wanted.filter((seatClass) => {
    const offer = offerOf(train, seatClass);
    return offer !== undefined && !hasRoom(offer, partySize);
  });

/** The first of the wanted classes in which the party can travel at once. */
export const classToBuy = (
  train: Pick<TrainOffer, "classes">,
  wanted: readonly SeatClass[],
  partySize: number,
): ClassOffer | undefined =>
  wanted.flatMap((seatClass) => offerOf(train, seatClass) ?? []).find((offer) => hasRoom(offer, partySize));

const offerOf = (train: Pick<TrainOffer, "classes">, seatClass: SeatClass): ClassOffer | undefined =>
  train.classes.find((offer) => offer.seatClass === seatClass);

/** Standing is worth asking for where some train has it; where it is on sale already it is bought, and not waited for. */
export function canStand(waited: readonly WaitedTrain[], partySize: number): boolean {
  const offers = waited.flatMap(({ train }) => offerOf(train, "standing") ?? []);
  return offers.length > 0 && !offers.some((offer) => hasRoom(offer, partySize));
}

/** The dearest train and class at the adult's fare, for all: what the platform asks for is that or less. */
export function prepayMostFen(waited: readonly WaitedTrain[], partySize: number): number {
  const fares = waited.flatMap(({ train, classes }) =>
    classes.flatMap((seatClass) => {
      const offer = offerOf(train, seatClass);
      return offer ? [offer.fareFen, ...Object.values(offer.fareNote ?? {})] : [];
    }),
  );
  return Math.max(0, ...fares) * partySize;
}

const minuteMs = 60_000;

type Deadlines = Pick<WaitlistRules, "deadline">;

/** The shortest first; where the railway takes any, the latest and the usual. */
const offeredBy = ({ deadline: { latest, choices, preset } }: Deadlines): readonly number[] =>
  (choices.length > 0 ? [...choices] : [...new Set([latest, preset])]).sort((a, b) => a - b);

/** How long before its departure a train can still be given up. */
export const deadlinesFor = (departAts: readonly string[], nowMs: number, rules: Deadlines): readonly number[] =>
  offeredBy(rules).filter((minutes) =>
    departAts.every((departAt) => nowMs < Date.parse(departAt) - minutes * minuteMs),
  );

/** As chosen, else the usual; where a train leaves sooner, the earliest that is left. */
export function deadlineAmong(possible: readonly number[], chosen: number | null, rules: Deadlines): number | null {
  const wished = chosen ?? rules.deadline.preset;
  return possible.includes(wished) ? wished : (possible.at(-1) ?? null);
}

/** Of an entry that waits: its other trains may be over already. */
export const deadlinesOf = (
  { choices }: Pick<WaitlistEntry, "choices">,
  nowMs: number,
  rules: Deadlines,
): readonly number[] => {
  const left = choices.filter(({ endedBecause }) => endedBecause === null);
  return offeredBy(rules).filter((minutes) =>
    left.some(({ departAt }) => nowMs < Date.parse(departAt) - minutes * minuteMs),
  );
};

type Wishes = { readonly acceptsStanding: boolean; readonly deadlineMinutes: number };

export const requestOf = (
  waited: readonly WaitedTrain[],
  party: readonly { readonly passengerId: number; readonly ticketType: TicketType }[],
  wishes: Wishes,
): WaitlistRequest => ({
  ...journeyOf(waited, wishes),
  passengers: party.map(({ passengerId, ticketType }) => ({ passengerId, ticketType })),
});

/** Whoever travels. */
export function journeyOf(waited: readonly WaitedTrain[], wishes: Wishes): Omit<WaitlistRequest, "passengers"> {
  const { from, to } = waited[0]!.train;
  return {
    from: from.stationId,
    to: to.stationId,
    choices: waited.map(({ train, classes }) => ({
      trainNumber: train.trainNumber,
      originDate: train.originDate,
      seatClasses: [...classes],
    })),
    ...wishes,
  };
}
