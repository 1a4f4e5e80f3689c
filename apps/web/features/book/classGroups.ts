/** A party of which some travel in another class of the train: one order, a line for each class. Pure. */
import type { ClassOffer, Passenger, PurchaseRequest, SeatClass, TicketType } from "@chepiao/contracts";
import type { Wanted } from "./address.ts";
import { type Draft, isAdult, type OtherClasses, requestOf } from "./draft.ts";

export type ClassGroup<Person extends Pick<Passenger, "passengerId"> = Passenger> = {
  readonly offer: ClassOffer;
  readonly party: readonly Person[];
};

/** What one of a party may be moved to. Standing is no choice beside seats: it is sold once they are gone. */
export const mayMoveTo = ({ seatClass, sellable }: ClassOffer): boolean => sellable && seatClass !== "standing";

/** The class of the page first, then in the order of the train; a class that this train has not leaves its people in that of the page. */
export function classGroups<Person extends Pick<Passenger, "passengerId">>(
  party: readonly Person[],
  others: OtherClasses,
  main: SeatClass,
  offers: readonly ClassOffer[],
): readonly ClassGroup<Person>[] {
  const classOf = ({ passengerId }: Person): SeatClass => {
    const other = others[passengerId];
    return offers.some(({ seatClass }) => seatClass === other) && other !== undefined ? other : main;
  };
  return offers
    .toSorted((a, b) => Number(b.seatClass === main) - Number(a.seatClass === main))
    .map((offer) => ({ offer, party: party.filter((person) => classOf(person) === offer.seatClass) }))
    .filter((group) => group.party.length > 0);
}

export const isShort = ({ offer, party }: Pick<ClassGroup<never>, "offer"> & { readonly party: readonly unknown[] }) =>
  !offer.sellable || offer.free < party.length;

/** One line as it always was; several as lines of one order. */
export function purchaseOf(
  groups: readonly ClassGroup[],
  wanted: Wanted,
  draft: Draft,
  ticketTypeOf: (passengerId: number) => TicketType,
): PurchaseRequest {
  const freeChildIds = freeChildrenOf(groups, draft.freeChildIds, ticketTypeOf);
  const lines = groups.map(({ offer: { seatClass }, party }, n) =>
    requestOf(
      { ...wanted, seatClass },
      { ...draft, passengerIds: party.map(({ passengerId }) => passengerId), freeChildIds: freeChildIds[n]! },
      ticketTypeOf,
    ),
  );
  return lines.length === 1 ? lines[0]! : { lines };
}

/** Each line takes as many free children as it has adults, and the last whoever is left: the platform says that they are too many. */
function freeChildrenOf(
  groups: readonly ClassGroup[],
  freeChildIds: readonly number[],
  ticketTypeOf: (passengerId: number) => TicketType,
): readonly (readonly number[])[] {
  let left = freeChildIds;
  return groups.map(({ party }, n) => {
    const adults = party.filter((person) => isAdult(person, ticketTypeOf(person.passengerId))).length;
    const along = n === groups.length - 1 ? left : left.slice(0, adults);
    left = left.slice(along.length);
    return along;
  });
}

export const linesOfPurchase = (request: PurchaseRequest) => ("lines" in request ? request.lines : [request]);
