/**
 * Who has seats in coaches that a train has lost, or that it has not in the composition for which it was exchanged, is given others of the same train: party by party, in the order in which `run try` plans it, in
 * his own class or else in a better one. Pass after pass looks for tickets with seats there, so it does not matter where one ended, who died in
 * between, or that an order was only just paid: nobody is left out, and who was seated again is not found again. Who finds no seat keeps his
 * ticket, and is looked at again, because somebody may give a seat back. When all of an exchanged run were asked for once, it opens to everybody else. Whom a gate has let in keeps his, too: another would let in somebody else.
 */
import {
  areNoSeats,
  betterClasses,
  isUndecided,
  lineOf,
  type OrderClient,
  type OrderLine,
  presentSeatsOf,
  ranksInSeatingOrder,
  type Refusal,
  type Run,
  type RunId,
  type SeatClass,
  type SeatedParty,
  ServiceUnavailable,
  type Timetable,
  trainAndDateOf,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, type OrderId, secondMs, someAtATime } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { enteredAt, type OrderRecord, type OrderStore, type TicketRecord } from "@chepiao/ports/order-store";
import {
  hasLost,
  isClosed,
  isRunAs,
  lostSince,
  type ReseatResult,
  type WithdrawnCoaches,
  type WithdrawnCoachStore,
} from "@chepiao/ports/withdrawn-coaches";
import type { Work } from "@chepiao/room";

export type ReseatsDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Pick<Timetable, "run">;
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "all" | "noteReseats" | "ofRuns" | "set" | "version">;
  readonly store: Pick<OrderStore, "holdersOn" | "load">;
  readonly orders: Pick<OrderClient, "reseat">;
  readonly count: (what: "reseated", howMany: number) => void;
  readonly report: (message: string, error?: unknown) => void;
};

/** By then no seat of the coach is sold or given to anybody. */
export const lostNoticeMs = 5 * secondMs;
const everyMs = 2 * secondMs;
/** Who was given another seat is read with it long before; who was not asks again. */
export const askAgainAfterMs = minuteMs;
const atATime = 16;

export function createReseats(deps: ReseatsDeps) {
  const { clock, timetable, withdrawnCoaches, store, orders, report } = deps;
  let version = 0;
  let lost: readonly WithdrawnCoaches[] = [];
  /** By party, when it is asked for again at the soonest. */
  const nextAskAt = new Map<string, EpochMs>();
  /** By run of which nobody was to be moved, when its orders are read again at the soonest. */
  const nextLookAt = new Map<RunId, EpochMs>();
  /** Of which exchange of a run parties were asked for. */
  const askedSince = new Map<RunId, EpochMs>();

  async function lostNow(): Promise<readonly WithdrawnCoaches[]> {
    const newest = await withdrawnCoaches.version();
    if (newest !== version) {
      lost = (await withdrawnCoaches.all()).runs.filter(hasLost);
      version = newest;
      nextLookAt.clear();
    }
    return lost;
  }

  async function pass(): Promise<void> {
    for (const [key, at] of nextAskAt) if (at <= clock.now()) nextAskAt.delete(key);
    for (const said of await lostNow()) {
      const { runId } = said;
      const run = timetable().run(...trainAndDateOf(runId));
      const told = toldOf(said, clock.now());
      if (!run || !isRunAs(run, said.exchange) || !told || hasLeft(run, clock.now())) continue;
      if (clock.now() < (nextLookAt.get(runId) ?? 0)) continue;
      if (told.exchange) askAnew(runId, told.exchange.since);
      const { isAnybodyDue, isAnybodyOpen } = await goThrough(run, told);
      if (isClosed(told) && !isAnybodyOpen) await openToAll(told);
      else if (!isAnybodyDue && told.lost.length === said.lost.length)
        nextLookAt.set(runId, epochMs(clock.now() + askAgainAfterMs));
    }
  }

  /** Seats that a party was refused before the exchange are others than now. */
  function askAnew(runId: RunId, since: EpochMs): void {
    if (askedSince.get(runId) === since) return;
    for (const key of nextAskAt.keys()) if (key.startsWith(`${runId} `)) nextAskAt.delete(key);
    askedSince.set(runId, since);
  }

  /** Where somebody has said something meanwhile, the next pass does it. */
  async function openToAll({ runId, exchange }: WithdrawnCoaches): Promise<void> {
    const newest = await withdrawnCoaches.version();
    const [said] = await withdrawnCoaches.ofRuns([runId]);
    if (!said?.exchange || said.exchange.since !== exchange!.since) return;
    await withdrawnCoaches.set(newest, { ...said, exchange: { ...said.exchange, openedAt: clock.now() } });
  }

  async function goThrough(run: Run, told: WithdrawnCoaches) {
    const found = await partiesOn(told);
    const due = found.filter((party) => !nextAskAt.has(keyOf(party)) && clock.now() < party.departAt);
    // Before anybody is asked for: whoever has died since, of each order it is known that it is one of these.
    await note(
      run.runId,
      due.map((party) => ({ party, why: null })),
    );
    const refused: Refused[] = [];
    let isAnybodyOpen = false;
    const seatOne = async (party: Party) => {
      const { seated, why, isOpen = false } = await seatOrTell(run, party);
      if (seated > 0) deps.count("reseated", seated);
      if (why !== null) refused.push({ party, why });
      if (isOpen) isAnybodyOpen = true;
      else nextAskAt.set(keyOf(party), epochMs(clock.now() + askAgainAfterMs));
    };
    // Rank after rank: who comes first has the choice. Of one rank some at a time, by one wait for the disk.
    for (const rank of ranksInSeatingOrder(due, ({ tickets }) => tickets.length))
      await someAtATime(rank, atATime, seatOne);
    await note(run.runId, refused);
    return { isAnybodyDue: due.length > 0, isAnybodyOpen };
  }

  const note = async (runId: RunId, parties: readonly Refused[]): Promise<void> =>
    withdrawnCoaches.noteReseats(
      runId,
      [...Map.groupBy(parties, ({ party }) => party.orderId)].map(([orderId, ofOrder]): ReseatResult => ({
        orderId,
        ticketNos: ofOrder.flatMap(({ party }) => party.tickets.map(({ ticketNo }) => ticketNo)),
        why: ofOrder.find(({ why }) => why !== null)?.why ?? null,
        at: clock.now(),
      })),
    );

  /** One order that cannot be decided on holds up nobody behind it. */
  async function seatOrTell(run: Run, party: Party): Promise<Seated> {
    try {
      return await seat(run, party);
    } catch (error) {
      if (error instanceof ServiceUnavailable) throw error;
      report(`order ${party.orderId} could not be given other seats`, error);
      return { seated: 0, why: error instanceof Error ? error.message : String(error) };
    }
  }

  async function partiesOn(told: WithdrawnCoaches): Promise<Party[]> {
    const orderIds = await store.holdersOn(told.runId);
    const parties: Party[] = [];
    for (let next = 0; next < orderIds.length; next += atATime) {
      const some = await Promise.all(orderIds.slice(next, next + atATime).map((orderId) => store.load(orderId)));
      parties.push(...some.flatMap((order) => (order ? partiesOf(order, told) : [])));
    }
    return parties;
  }

  /** All of them together, or else each for himself. */
  async function seat(run: Run, party: Party): Promise<Seated> {
    const classes = [party.seatClass, ...betterClasses[party.seatClass]].filter(
      (each) => presentSeatsOf(run.train.composition).get(each)?.length,
    );
    const together = await seatIn(classes, party.orderId, party.tickets);
    if (together.kind !== "noSeats" || party.tickets.length === 1) return seatedBy(together, party.tickets.length);
    let [seated, why]: [number, string | null] = [0, null];
    for (const ticket of party.tickets) {
      const alone = seatedBy(await seatIn(classes, party.orderId, [ticket]), 1);
      seated += alone.seated;
      why ??= alone.why;
      if (alone.isOpen) return { seated, why, isOpen: true };
    }
    return { seated, why };
  }

  async function seatIn(classes: readonly SeatClass[], orderId: OrderId, tickets: Party["tickets"]): Promise<Outcome> {
    const ticketNos = tickets.map(({ ticketNo }) => ticketNo);
    let why = "SoldOut";
    for (const seatClass of classes) {
      const answer = await orders.reseat({ orderId, ticketNos, seatClass });
      if (answer.ok) return { kind: "seated" };
      const { code } = answer.error;
      why = code;
      if (areNoSeats(answer.error)) continue;
      // One of them is about to change by himself, and has not paid yet: the others are seated without him.
      if (code === "TripOverlaps") break;
      if (isUndecided(answer.error)) return { kind: "undecided", why };
      // Of anything that does not come to an end by itself an operator should know.
      if (!isGoneMeanwhile.has(code)) report(`tickets ${ticketNos.join(", ")} could not be given other seats: ${code}`);
      return { kind: "refused", why };
    }
    return { kind: "noSeats", why };
  }

  const work: Work = {
    kind: "job",
    name: "seats of people in lost coaches",
    electedAs: "reseating",
    everyMs,
    pass,
    failed: "people in lost coaches could not be given other seats; trying again",
  };
  return { pass, work };
}

/** How many of a party were given seats, and why the others were not; open where that is not known yet, and is asked in the next pass. */
type Seated = { readonly seated: number; readonly why: string | null; readonly isOpen?: boolean };
type Refused = { readonly party: Party; readonly why: string | null };
type Outcome =
  { readonly kind: "seated" } | { readonly kind: "noSeats" | "refused" | "undecided"; readonly why: string };

const seatedBy = (outcome: Outcome, count: number): Seated =>
  outcome.kind === "seated"
    ? { seated: count, why: null }
    : { seated: 0, why: outcome.why, isOpen: outcome.kind === "undecided" };

type Party = SeatedParty & Pick<OrderLine, "departAt" | "runId"> & { readonly version: number };

/** After every change of the order, and for other tickets of it, anew. */
const keyOf = ({ runId, orderId, line, version, tickets }: Party): string =>
  [runId, orderId, line, version, ...tickets.map(({ ticketNo }) => ticketNo)].join(" ");

/** What of it everybody has heard by now; null where that is nothing. Those of an exchange are moved once the run is closed to others. */
function toldOf({ exchange, lost, ...said }: WithdrawnCoaches, now: EpochMs): WithdrawnCoaches | null {
  const told = lost.filter(({ since }) => now >= since + lostNoticeMs);
  const isHeard = exchange !== undefined && exchange.closedAt !== null;
  if (exchange ? !isHeard : told.length === 0) return null;
  return { ...said, lost: told, ...(exchange && { exchange }) };
}

/** Those with seats that the train does not have who may be moved. Who waits for his money is seated again once it is there. */
function partiesOf(order: OrderRecord, told: WithdrawnCoaches): Party[] {
  if (order.state !== "ticketed") return [];
  const isThere = (ticket: TicketRecord) => {
    const line = lineOf(order, ticket);
    if (line.runId !== told.runId || ticket.state !== "issued" || enteredAt(ticket, line) !== null) return false;
    return lostSince(told, line, ticket) !== null;
  };
  return [...Map.groupBy(order.tickets.filter(isThere), ({ line }) => line)].map(([, tickets]) => {
    const { runId, line, seatClass, fromStop, toStop, departAt } = lineOf(order, tickets[0]!);
    const { orderId, version } = order;
    return { orderId, version, runId, line, seatClass, fromStop, toStop, departAt, tickets };
  });
}

const hasLeft = ({ dayStart, train }: Run, now: EpochMs): boolean =>
  dayStart + train.stops.at(-2)!.departS * secondMs <= now;

/** Given back or changed by its traveller, or the train does not run at all. */
const isGoneMeanwhile: ReadonlySet<Refusal["code"]> = new Set([
  "OrderUnknown",
  "RunCancelled",
  "SaleClosed",
  "TicketNotChangeable",
]);
