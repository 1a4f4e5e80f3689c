/** Children who travel free without a seat, each with an adult of the line (rules 5.2, 5.5 of the railway's). Pure. */
import {
  type ChildRules,
  type FreeChild,
  isAdult,
  isFreeChild,
  type KnownPassenger,
  type Refusal,
  refusal,
  type TicketType,
} from "@chepiao/contracts";
import { ok, refuse, type Result, type ServiceDate } from "@chepiao/kernel";

type Planned = {
  readonly passenger: KnownPassenger;
  readonly ticketType: TicketType;
  readonly freeChild?: KnownPassenger;
};

/** @param asked which saved passengers; the first goes with the first adult, and so on */
export function withFreeChildren<Traveller extends Planned>(
  planned: readonly Traveller[],
  asked: readonly number[],
  saved: readonly KnownPassenger[],
  travelDate: ServiceDate,
  fares: ChildRules,
): Result<Traveller[], Refusal> {
  const named = new Set(planned.map(({ passenger }) => passenger.documentHash));
  const children: KnownPassenger[] = [];
  for (const [freeChild, passengerId] of asked.entries()) {
    const child = saved.find((each) => each.passengerId === passengerId);
    if (!child) return refuse(refusal("PassengerUnknown", { freeChild }));
    if (named.has(child.documentHash)) return refuse(refusal("DuplicatePassenger", { freeChild }));
    if (child.proof === "refused") return refuse(refusal("IdentityRefused", { freeChild }));
    if (!isFreeChild(child.birthDate, travelDate, fares)) return refuse(refusal("FreeChildNotAllowed", { freeChild }));
    named.add(child.documentHash);
    children.push(child);
  }
  const isGrown = ({ passenger: { birthDate }, ticketType }: Planned) =>
    isAdult({ birthDate, ticketType }, travelDate, fares);
  const adultCount = planned.filter(isGrown).length;
  if (children.length > adultCount) return refuse(refusal("FreeChildrenTooMany", { limit: adultCount }));
  const free = children.values();
  return ok(planned.map((each) => (isGrown(each) ? takingAlong(each, free.next().value) : each)));
}

const takingAlong = <Traveller extends Planned>(adult: Traveller, freeChild: KnownPassenger | undefined): Traveller =>
  freeChild ? { ...adult, freeChild } : adult;

/** As its adult's ticket names it. */
export const freeChildOf = (child: KnownPassenger): FreeChild => ({
  passengerId: child.passengerId,
  name: child.name,
  documentType: child.documentType,
  documentHash: child.documentHash,
  documentMasked: child.documentMasked,
});
