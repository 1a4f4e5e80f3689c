/**
 * Of a run that is to be run as another composition than it was sold as. Who sits where the train has no seat any more is moved; until all of them were
 * asked for once, nobody else is given a seat of the run.
 */
import {
  areSameCoaches,
  type Composition,
  type OrderLine,
  presentSeatsOf,
  replacedInTurn,
  type Run,
  type SeatClass,
} from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { Exchange, WithdrawnCoaches } from "./withdrawnCoaches.ts";

/** Different ones that a run may have been, one after the other. */
export const compositionsPerRunMax = 8;

/** What a run has been made of, once it is that one. Seats keep their numbers: those of each before it come first. */
export function exchangedFor(before: Exchange["compositions"], next: Composition): Exchange["compositions"] {
  const [first, ...others] = before;
  const distinct: [Composition, ...Composition[]] = [first];
  for (const each of others) if (!distinct.some((known) => areSameCoaches(known, each))) distinct.push(each);
  return areSameCoaches(distinct.at(-1)!, next) ? distinct : [...distinct, next];
}

const textOf = ({ code, coaches }: Composition): string => JSON.stringify([code, coaches]);

/** One object for all who ask, so that its seats are worked out once. */
const known = new Map<string, Composition>();
const knownMax = 500;

export function compositionOf({ compositions }: Pick<Exchange, "compositions">): Composition {
  const text = compositions.map(textOf).join();
  let composition = known.get(text);
  if (!composition) {
    if (known.size >= knownMax) known.clear();
    known.set(text, (composition = replacedInTurn(compositions)));
  }
  return composition;
}

/** Whether the reader's timetable has heard of it. */
export const isRunAs = ({ train }: Run, exchange: Exchange | undefined): boolean =>
  exchange ? areInTurn(train.composition, exchange.compositions) : train.composition.replaces === undefined;

function areInTurn(composition: Composition, compositions: readonly Composition[]): boolean {
  let each: Composition | undefined = composition;
  for (const expected of compositions.toReversed()) {
    if (!each || !areSameCoaches(each, expected)) return false;
    each = each.replaces;
  }
  return each === undefined;
}

export const isClosed = ({ exchange }: Pick<WithdrawnCoaches, "exchange">): boolean =>
  exchange !== undefined && exchange.openedAt === null;

type Seated = { readonly coachNo: number; readonly seatIndex: number };

/** Since when the train does not have that seat any more; null where it has it. */
export function lostSince(
  { lost, exchange }: Pick<WithdrawnCoaches, "exchange" | "lost">,
  { seatClass }: Pick<OrderLine, "seatClass">,
  { coachNo, seatIndex }: Seated,
): EpochMs | null {
  if (exchange && !hasSeat(compositionOf(exchange), seatClass, seatIndex)) return exchange.since;
  return lost.find(({ no }) => no === coachNo)?.since ?? null;
}

const hasSeat = (composition: Composition, seatClass: SeatClass, seatIndex: number): boolean =>
  indexesOf(composition, seatClass).has(seatIndex);

const indexes = new WeakMap<Composition, Map<SeatClass, ReadonlySet<number>>>();

/** Of the seats that the train has. */
function indexesOf(composition: Composition, seatClass: SeatClass): ReadonlySet<number> {
  let ofComposition = indexes.get(composition);
  if (!ofComposition) indexes.set(composition, (ofComposition = new Map()));
  let ofClass = ofComposition.get(seatClass);
  if (!ofClass) {
    ofClass = new Set(
      presentSeatsOf(composition)
        .get(seatClass)
        ?.map(({ index }) => index),
    );
    ofComposition.set(seatClass, ofClass);
  }
  return ofClass;
}

/** Anybody is to be moved, now or later. */
export const hasLost = ({ lost, exchange }: Pick<WithdrawnCoaches, "exchange" | "lost">): boolean =>
  lost.length > 0 || exchange !== undefined;
