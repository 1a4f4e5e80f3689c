/** A run with all its seats: who has which over what part of the way, who waits, and what was set for its sale. */
import {
  type ChartCoach,
  type Composition,
  lineOf,
  presentSeatsOf,
  type Run,
  type RunView,
  type Seat,
  type SeatClass,
  seatClasses,
  type SeatHolding,
  seatLabel,
  seatsOf,
} from "@chepiao/contracts";
import { epochMs, formatInZone, secondMs, waitlistNoOf } from "@chepiao/kernel";
import { isNotRun, liveTicketStates, type OrderRecord } from "@chepiao/ports/order-store";
import { mayServe, type WaitlistRecord } from "@chepiao/ports/waitlist-store";
import { compositionOf, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import { nameMasked } from "../orderStory.ts";
import type { RunDeskDeps } from "./desk.ts";
import { ordersOn } from "./effect.ts";
import { linesOf } from "./line.ts";
import { compositionsFor } from "./refit.ts";
import { withdrawnOf } from "./withdraw.ts";
import { standing } from "./words.ts";

/** Of who waits; how many there are the lengths say. */
const lineShownMax = 200;

export async function runView(deps: RunDeskDeps, known: Run, namesTravellers: boolean): Promise<RunView> {
  const timetable = deps.timetable();
  const { runId } = known;
  const { withdrawn } = await withdrawnOf(deps, runId);
  const run = asSaid(known, withdrawn);
  const { composition } = run.train;
  const [[line], cancelled, orders, waiting, stopped, quotas] = await Promise.all([
    linesOf(deps, timetable, [run]),
    standing(deps, runId),
    ordersOn(deps.orders, { runId, skipped: null }),
    deps.waitlist.ofRun(runId),
    deps.waitlist.stopped([runId]),
    deps.quotas.ofRun(runId),
  ]);
  const holdings = holdingsOf(orders, run, namesTravellers);
  const state = timetable.stateOf(runId);
  const isSkipped = (stop: number) =>
    cancelled?.skipped?.includes(stop) === true ||
    state?.stops.some((each) => each.stop === stop && each.isSkipped) === true;
  const at = (seconds: number, stationId: string) =>
    formatInZone(epochMs(run.dayStart + seconds * secondMs), timetable.zoneOf(stationId));
  const before = withdrawn.exchange?.compositions ?? [];
  return {
    ...line!,
    stops: run.train.stops.map(({ stationId, name, arriveS, departS }, stop) => ({
      stop,
      stationId,
      name,
      arriveAt: at(arriveS, stationId),
      departAt: at(departS, stationId),
      isSkipped: isSkipped(stop),
    })),
    classes: classesOf(run, holdings, withdrawn),
    quotas: quotas.flatMap(({ seatClass, quotas: ofClass }) =>
      ofClass.map(({ fromStations, toStations, limits }) => ({
        seatClass,
        fromStations: fromStations && [...fromStations],
        toStations: toStations && [...toStations],
        limits: limits.map(({ since, seats }) => ({ since: formatInZone(since, timetable.zone), seats })),
      })),
    ),
    takesEntries: !stopped.has(runId),
    line: waiting
      .slice(0, lineShownMax)
      .flatMap((entry) => waitingView(entry, run, (ms) => formatInZone(ms, timetable.zone))),
    lengths: deps.planners.lengthsOf(runId, waiting).map(({ seatClasses: asked, ...length }) => ({
      ...length,
      seatClasses: [...asked],
    })),
    oneMoreCoach: deps.planners.oneMoreCoach(composition, runId, waiting).map(({ seats, ...served }) => ({
      ...served,
      seats: [...seats],
    })),
    compositions: [...new Set(compositionsFor(timetable, run, before).map(({ code }) => code))].toSorted(),
    coaches: chartOf(composition, holdings, withdrawn),
  };
}

/** This process may not have heard of an exchange yet. */
const asSaid = (run: Run, { exchange }: WithdrawnCoaches): Run =>
  exchange ? { ...run, train: { ...run.train, composition: compositionOf(exchange) } } : run;

type Held = SeatHolding & { readonly seatClass: SeatClass; readonly seatIndex: number };

function holdingsOf(orders: readonly OrderRecord[], { runId }: Run, namesTravellers: boolean): readonly Held[] {
  const isLive = (state: string) => (liveTicketStates as readonly string[]).includes(state);
  return orders.flatMap((order) =>
    order.tickets
      .filter((ticket) => isLive(ticket.state) && isNotRun(lineOf(order, ticket), { runId, skipped: null }))
      .map((ticket) => {
        const { seatClass, fromStop, toStop } = lineOf(order, ticket);
        const { ticketNo, seatIndex, state, name } = ticket;
        const { orderNo } = order;
        const shown = namesTravellers ? name : nameMasked(name);
        return { seatClass, seatIndex, fromStop, toStop, orderNo, ticketNo, state, name: shown };
      }),
  );
}

function classesOf(run: Run, holdings: readonly Held[], { coachNos }: WithdrawnCoaches): RunView["classes"] {
  const present = presentSeatsOf(run.train.composition);
  return seatClasses.flatMap((seatClass) => {
    const seats = (present.get(seatClass) ?? []).filter(({ coachNo }) => !coachNos.includes(coachNo));
    const own = holdings.filter((each) => each.seatClass === seatClass);
    if (seats.length === 0 && own.length === 0) return [];
    const indexes = new Set(seats.map(({ index }) => index));
    const free = run.train.stops.slice(1).map((_, segment) => {
      const taken = own.filter(({ fromStop, toStop }) => fromStop <= segment && segment < toStop);
      return seats.length - taken.filter(({ seatIndex }) => indexes.has(seatIndex)).length;
    });
    const held = own.filter(({ state }) => state === "held").length;
    return [{ seatClass, seats: seats.length, sold: own.length - held, held, free }];
  });
}

/** Coaches in their order; those that the train has not any more only with the seats that somebody still has. */
function chartOf(composition: Composition, holdings: readonly Held[], withdrawn: WithdrawnCoaches): ChartCoach[] {
  const bySeat = Map.groupBy(holdings, ({ seatClass, seatIndex }) => `${seatClass} ${seatIndex}`);
  const present = presentSeatsOf(composition);
  const chart = (isThere: boolean, chosen: (seatClass: SeatClass, seat: Seat) => boolean) => {
    const seats = [...seatsOf(composition)].flatMap(([seatClass, all]) =>
      all
        .filter((seat) => chosen(seatClass, seat))
        .map((seat) => ({ coachNo: seat.coachNo, seat: seatView(seatClass, seat, bySeat) })),
    );
    return [...Map.groupBy(seats, ({ coachNo }) => coachNo)].map(([no, ofCoach]): ChartCoach => ({
      no,
      isThere,
      isWithdrawn: isThere && withdrawn.coachNos.includes(no),
      isLost: isThere && withdrawn.lost.some((each) => each.no === no),
      seats: ofCoach.map(({ seat }) => seat),
    }));
  };
  const presentSets = new Map([...present].map(([seatClass, seats]) => [seatClass, new Set(seats)]));
  const isPresent = (seatClass: SeatClass, seat: Seat) => presentSets.get(seatClass)?.has(seat) ?? false;
  const isGone = (seatClass: SeatClass, seat: Seat) =>
    !isPresent(seatClass, seat) && bySeat.has(`${seatClass} ${seat.index}`);
  return [...chart(true, isPresent), ...chart(false, isGone)].toSorted((a, b) => a.no - b.no);
}

const seatView = (seatClass: SeatClass, seat: Seat, bySeat: ReadonlyMap<string, readonly Held[]>) => ({
  seatClass,
  row: seat.row,
  mark: seat.mark,
  label: seatLabel(seatClass, seat),
  taken: (bySeat.get(`${seatClass} ${seat.index}`) ?? [])
    .toSorted((a, b) => a.fromStop - b.fromStop)
    .map(({ fromStop, toStop, orderNo, ticketNo, state, name }) => ({
      fromStop,
      toStop,
      orderNo,
      ticketNo,
      state,
      name,
    })),
});

function waitingView(
  entry: WaitlistRecord,
  { runId }: Run,
  clock: (at: WaitlistRecord["createdAt"]) => string,
): RunView["line"] {
  const choice = entry.choices.find((each) => each.runId === runId && mayServe(entry, each));
  if (!choice) return [];
  return [
    {
      waitlistNo: waitlistNoOf(entry.entryId),
      fromStop: choice.fromStop,
      toStop: choice.toStop,
      from: choice.fromName,
      to: choice.toName,
      seatClasses: [...choice.seatClasses],
      passengers: entry.passengers.length,
      state: entry.state,
      since: clock(entry.createdAt),
    },
  ];
}
