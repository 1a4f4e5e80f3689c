/**
 * Where those sit who have seats of a train that runs without one of its coaches, or in another composition. Pure, and of the same seats it always
 * comes to the same.
 *
 * 1. Who has a place that the train still has stays on it.
 * 2. Parties that lose places get others by the rules of any sale (packages/engine/choose.ts): together as far as it goes, then at the window, the
 *    aisle or the level that they had. Better classes go first, so that nobody is moved up into what another has paid for; of a class large parties
 *    go first, then long ways, then who bought first.
 * 3. Those of a party who may stay move with the others only where the party sits closer together then.
 * 4. A party for which its class does not suffice goes into the next better one with room for all of it; where there is none, each of it goes
 *    wherever a place of his class or a better one is left.
 * 5. Who gets none is named: nobody is dropped, and nobody is moved down.
 */
import {
  betterClasses,
  type Composition,
  inSeatingOrder,
  type Place,
  type Placement,
  type Refit,
  type Run,
  type Seat,
  type SeatClass,
  type SeatedParty,
  type SeatPreference,
  seatPreferences,
  seatsOf,
} from "@chepiao/contracts";
import {
  addRun,
  closeness,
  createStock,
  heldSeats,
  hold,
  occupy,
  publicSale,
  release,
  type Stock,
} from "@chepiao/engine";
import { assert } from "@chepiao/kernel";
import { type RunLayout, runLayoutOf, wishOf } from "./runLayout.ts";

/** One for each ticket, in the order of the parties. */
export function planRefit(run: Run, refit: Refit, parties: readonly SeatedParty[]): readonly Placement[] {
  const train = createTrain(run, refit);
  const seated = parties.map((party) => seatedIn(run.train.composition, party, train));
  withdraw(train, refit);
  for (const party of inSeatingOrder(seated.filter(losesPlaces), seatCountOf(refit))) seatParty(train, party, refit);
  return seated.flatMap(placementsOf);
}

/** Seats by class and number, as the engine has them. */
type Taken = { readonly cls: number; readonly seat: number };
type Passenger = {
  readonly ticketNo: string;
  readonly before: Place;
  readonly wish: number;
  /** The same place in the train as it is to be; null where there is none. */
  readonly kept: Taken | null;
  after: Taken | null;
};
type Seated = SeatedParty & { readonly train: Train; readonly passengers: readonly Passenger[] };

type Train = RunLayout & {
  readonly stock: Stock;
  readonly run: number;
  readonly segments: number;
  readonly seats: ReadonlyMap<SeatClass, readonly Seat[]>;
  readonly placeByName: ReadonlyMap<string, Taken>;
};

function createTrain(run: Run, { composition, withoutCoaches }: Refit): Train {
  const stock = createStock();
  const runLayout = runLayoutOf(composition);
  const segments = run.train.stops.length - 1;
  const handle = addRun(stock, runLayout.layouts, segments);
  const seats = seatsOf(composition);
  const placeByName = new Map<string, Taken>();
  for (const [cls, seatClass] of runLayout.classes.entries())
    for (const seat of seats.get(seatClass)!) {
      if (withoutCoaches.includes(seat.coachNo)) occupy(stock, handle, cls, seat.index, 0, segments);
      else placeByName.set(nameOf(seatClass, seat), { cls, seat: seat.index });
    }
  return { ...runLayout, stock, run: handle, segments, seats, placeByName };
}

/** What nobody has of withdrawn coaches is for nobody. */
function withdraw({ stock, run, segments, classes, seats }: Train, { withdrawnCoaches = [] }: Refit): void {
  for (const [cls, seatClass] of classes.entries())
    for (const seat of seats.get(seatClass)!)
      if (withdrawnCoaches.includes(seat.coachNo))
        for (let from = 0; from < segments; from++) occupy(stock, run, cls, seat.index, from, from + 1);
}

/** As it is printed, but for places without a number: those are told apart, too. */
const nameOf = (seatClass: SeatClass, { coachNo, row, mark, kind }: Seat) =>
  [seatClass, coachNo, row, mark, kind].join(" ");

/** Who may stay does, until he moves with his party. */
function seatedIn(composition: Composition, party: SeatedParty, train: Train): Seated {
  const seats = seatsOf(composition).get(party.seatClass);
  const passengers = party.tickets.map(({ ticketNo, seatIndex }): Passenger => {
    const seat = seats?.[seatIndex];
    assert(seat !== undefined, `ticket ${ticketNo} has a seat of the train`);
    const same = train.placeByName.get(nameOf(party.seatClass, seat)) ?? null;
    const kept = same && takes(train, party, same) ? same : null;
    return { ticketNo, before: { seatClass: party.seatClass, seat }, wish: wishFor(seat), kept, after: kept };
  });
  return { ...party, train, passengers };
}

const takes = ({ stock, run }: Train, { fromStop, toStop }: SeatedParty, { cls, seat }: Taken): boolean =>
  occupy(stock, run, cls, seat, fromStop, toStop);

const wishFor = ({ kind }: Seat): number =>
  (seatPreferences as readonly string[]).includes(kind) ? wishOf(kind as SeatPreference) : 0;

/** A party is as large as what has to be found for it; where all of it may move, as it is. */
const seatCountOf =
  ({ movesNobodyElse }: Refit) =>
  ({ passengers }: Seated): number =>
    movesNobodyElse ? passengers.filter(({ kept }) => kept === null).length : passengers.length;

const losesPlaces = ({ passengers }: Seated): boolean => passengers.some(({ kept }) => kept === null);

function seatParty(train: Train, party: Seated, { movesNobodyElse }: Refit): void {
  const lost = party.passengers.filter(({ kept }) => kept === null);
  const classes = [party.seatClass, ...betterClasses[party.seatClass]]
    .map((seatClass) => train.classes.indexOf(seatClass))
    .filter((cls) => cls >= 0);
  const own = train.classes.indexOf(party.seatClass);
  const cls = classes.find((each) => takesFor(train, party, each, lost));
  if (cls === own && own >= 0 && !movesNobodyElse) return sitCloser(train, party, own);
  if (cls !== undefined) return;
  for (const one of lost) classes.find((each) => takesFor(train, party, each, [one]));
}

/** Seats of that class for all of these, or none. */
function takesFor(
  { stock, run }: Train,
  { fromStop, toStop }: SeatedParty,
  cls: number,
  some: readonly Passenger[],
): boolean {
  const wishes = Uint8Array.from(some, ({ wish }) => wish);
  if (hold(stock, run, cls, fromStop, toStop, some.length, wishes, publicSale, 0) < 0) return false;
  for (const [n, passenger] of some.entries()) passenger.after = { cls, seat: heldSeats[n]! };
  return true;
}

/** All of the party anew, where that is closer than those who stay with those who do not. */
function sitCloser(train: Train, party: Seated, cls: number): void {
  const { passengers } = party;
  if (passengers.every(({ kept }) => kept === null)) return;
  const apart = passengers.map(({ after }) => after!);
  const { stock, run, layouts } = train;
  const letGo = (some: readonly Taken[]) =>
    some.forEach((each) => release(stock, run, each.cls, each.seat, party.fromStop, party.toStop));
  const howClose = () =>
    closeness(
      layouts[cls]!,
      passengers.map(({ after }) => after!.seat),
      passengers.length,
    );
  const before = howClose();
  letGo(apart);
  const isHeld = takesFor(train, party, cls, passengers);
  assert(isHeld, "what was let go is free");
  if (howClose() < before) return;
  letGo(passengers.map(({ after }) => after!));
  for (const [n, passenger] of passengers.entries()) {
    passenger.after = apart[n]!;
    assert(takes(train, party, apart[n]!), "what was let go is free");
  }
}

function placementsOf({ orderId, line, train, passengers }: Seated): Placement[] {
  return passengers.map(({ ticketNo, before, kept, after }) => {
    const seatClass = after && train.classes[after.cls]!;
    const place = seatClass ? { seatClass, seat: train.seats.get(seatClass)![after.seat]! } : null;
    const isMoved = after === null || after.cls !== kept?.cls || after.seat !== kept.seat;
    return { orderId, line, ticketNo, before, after: place, isMoved };
  });
}
