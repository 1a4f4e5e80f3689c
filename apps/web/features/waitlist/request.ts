/** What an entry of the waitlist asks for, worked out of what was chosen; what it costs at most; and until when it can wait. Pure. */
import type { ClassOffer, SeatClass, TicketType, TrainOffer, WaitlistEntry, WaitlistRequest } from "@chepiao/contracts";
import { type TrainChoice, wantedOf } from "../book/address.ts";
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

/** Why a train is not waited for. */
export type LeftOut = "closed" | "hasSeats" | "noClass" | "tooLate" | "tooManyDays";

/** What is asked of each train: the best class first. */
export type Wish = {
  readonly classes: readonly SeatClass[];
  readonly partySize: number;
  readonly nowMs: number;
  readonly rules: Deadlines & Pick<WaitlistRules, "datesMax">;
};

/** Of one train by itself; null where it can be waited for. */
export function leftOutBecause(
  train: Pick<TrainOffer, "classes" | "departAt" | "sale">,
  { classes, partySize, nowMs, rules }: Wish,
): LeftOut | null {
  if (train.sale !== "open") return "closed";
  if (classesToWaitFor(train, classes, partySize).length === 0)
    return classToBuy(train, classes, partySize) ? "hasSeats" : "noClass";
  return isAhead(train, offeredBy(rules)[0]!, nowMs) ? null : "tooLate";
}

export type Considered = WaitedTrain & { readonly leftOut: LeftOut | null };

/** Each train that was chosen, the one it began with first: waited for, or why not. One that cannot be had stops none of the others. */
export function considered(trains: readonly TrainOffer[], wish: Wish): readonly Considered[] {
  const days = new Set<string>();
  return trains.map((train) => {
    const classes = classesToWaitFor(train, wish.classes, wish.partySize);
    const leftOut = leftOutBecause(train, wish);
    if (leftOut !== null) return { train, classes, leftOut };
    if (!days.has(train.boardingDate) && days.size >= wish.rules.datesMax)
      return { train, classes, leftOut: "tooManyDays" };
    days.add(train.boardingDate);
    return { train, classes, leftOut };
  });
}

/** Why the train that the page is about, the first where it is not gone, is not waited for. Before a class is chosen nothing is said. */
export function ownLeftOut(all: readonly Considered[], classes: readonly SeatClass[], isGone: boolean): LeftOut | null {
  if (isGone) return "closed";
  const because = all[0]?.leftOut ?? null;
  return because === "noClass" && classes.length === 0 ? null : because;
}

/** With which of the added trains, and in which class of it, the page goes on without its own: a class of the old one may be none of the new. */
export function nextToBegin(
  added: readonly ChosenTrain[],
  waited: readonly WaitedTrain[],
): { readonly next: ChosenTrain; readonly seatClass: SeatClass } | null {
  for (const next of added) {
    const one = waited.find(({ train }) => trainKey(train) === trainKey(next));
    const seatClass = one?.classes[0] ?? one?.train.classes[0]?.seatClass;
    if (seatClass) return { next, seatClass };
  }
  return null;
}

/** Of which train a refusal is, where it says so. */
export const refusedTrain = (
  facts: Readonly<Record<string, unknown>> | undefined,
  waited: readonly WaitedTrain[],
): WaitedTrain | undefined => (typeof facts?.["choice"] === "number" ? waited[facts["choice"]] : undefined);

/** What is said beside the passenger is said again only where it is of one train of several, or the page can go on without it. */
export const isToldAgain = (
  about: WaitedTrain | undefined,
  waited: readonly WaitedTrain[],
  canGoOn: boolean,
): boolean => about !== undefined && (waited.length > 1 || canGoOn);

export type AddedLeftOut = { readonly chosen: ChosenTrain; readonly because: LeftOut };

/** Trains that were added and are not waited for. Of a day whose trains are not known yet nothing is said. */
export const addedLeftOut = (
  added: readonly ChosenTrain[],
  trainsOf: ReadonlyMap<string, readonly TrainOffer[] | undefined>,
  all: readonly Considered[],
): readonly AddedLeftOut[] =>
  added.flatMap((chosen) => {
    const trains = trainsOf.get(chosen.date);
    if (!trains) return [];
    const isListed = wantedOf(trains, chosen) !== undefined;
    const because = isListed
      ? all.find(({ train }) => trainKey(train) === trainKey(chosen))?.leftOut
      : ("closed" as const);
    return because ? [{ chosen, because }] : [];
  });

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

/** Its time of decision has not come. */
const isAhead = ({ departAt }: { readonly departAt: string }, minutes: number, nowMs: number): boolean =>
  nowMs < Date.parse(departAt) - minutes * minuteMs;

/** How long before its departure each of the trains can still be given up. */
export const deadlinesFor = (
  trains: readonly { readonly departAt: string }[],
  nowMs: number,
  rules: Deadlines,
): readonly number[] => offeredBy(rules).filter((minutes) => trains.every((train) => isAhead(train, minutes, nowMs)));

/** As chosen, else the usual; where a train leaves sooner, the earliest that is left. */
export function deadlineAmong(possible: readonly number[], chosen: number | null, rules: Deadlines): number | null {
  const wished = chosen ?? rules.deadline.preset;
  return possible.includes(wished) ? wished : (possible.at(-1) ?? null);
}

type Choices = Pick<WaitlistEntry, "choices">;

const choicesLeft = ({ choices }: Choices) => choices.filter(({ endedBecause }) => endedBecause === null);

/** Of an entry that waits: its other trains may be over already. */
export const deadlinesOf = (entry: Choices, nowMs: number, rules: Deadlines): readonly number[] =>
  offeredBy(rules).filter((minutes) => choicesLeft(entry).some((choice) => isAhead(choice, minutes, nowMs)));

/** Trains of an entry for which that time of decision is over already: they end with the change. */
export const endedByDeadline = (entry: Choices, minutes: number, nowMs: number): WaitlistEntry["choices"] =>
  choicesLeft(entry).filter((choice) => !isAhead(choice, minutes, nowMs));

type Wishes = { readonly acceptsStanding: boolean; readonly deadlineMinutes: number };

/** Trains that are added are waited for on the days on which one of its trains leaves. */
export const requestOf = (
  waited: readonly WaitedTrain[],
  party: readonly { readonly passengerId: number; readonly ticketType: TicketType }[],
  { acceptsAdded, ...wishes }: Wishes & { readonly acceptsAdded: boolean },
): WaitlistRequest => ({
  ...journeyOf(waited, wishes),
  ...(acceptsAdded && { addedTrains: { dates: [...new Set(waited.map(({ train }) => train.boardingDate))] } }),
  passengers: party.map(({ passengerId, ticketType }) => ({ passengerId, ticketType })),
});

/** Whoever travels. */
export function journeyOf(
  waited: readonly WaitedTrain[],
  wishes: Wishes,
): Omit<WaitlistRequest, "passengers" | "addedTrains"> {
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
