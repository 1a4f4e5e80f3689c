/**
 * Looks at what a platform left behind, from the outside: its database, the bank's own books and what clients were told. It
 * shares no code with the rooms, and knows the invariants only by their words (ARCHITECTURE.md).
 */
import { brokenIn } from "../audit/anyMoment.ts";
import { acceptedIsKnown, moneyAddsUp, type Told } from "../audit/atRest.ts";
import {
  changesMade,
  entry,
  finalStates,
  liveOf,
  type OrderRow,
  type Records,
  recordsOfFolder,
  seatTypes,
  ticket,
  type TicketRow,
} from "../audit/records.ts";

export type { Told } from "../audit/atRest.ts";
export { type Records, recordsOfCluster, recordsOfFolder, seatTypes } from "../audit/records.ts";

/** Everything that is wrong, in words; nothing when all is well. The platform must have come to rest. */
export const audit = (dataDir: string, told: Told): string[] => judge(recordsOfFolder(dataDir), told);

/** How many entries have become orders. */
export const servedIn = (dataDir: string): number =>
  recordsOfFolder(dataDir).entries.filter(({ status }) => status === entry.served).length;

/** How many orders stand in place of tickets of others. */
export const changesIn = (dataDir: string): number => changesMade(recordsOfFolder(dataDir).orders).length;

export function judge(records: Records, told: Told): string[] {
  const { orders, tickets } = records;
  const live = liveOf(records);
  return [
    ...brokenIn(records),
    ...acceptedIsKnown(records, told),
    ...entriesAreOrders(records),
    ...nothingUnfinished(orders, tickets),
    ...moneyAddsUp(records),
    ...limitsHold(live),
  ];
}

/**
 * I7: of an entry and the order that it becomes there is one each. One that was served has its order, and an order whose id is an entry's is
 * that of one which was served, or whose order was lost afterwards. None is left on its way.
 */
function entriesAreOrders({ entries, orders }: Records): string[] {
  const orderIds = new Set(orders.map(({ id }) => id));
  return entries.flatMap(({ id, status, waitlist_no: no, place }) => {
    const hasOrder = orderIds.has(id);
    if (status === entry.granted) return [`I4: entry ${no} was given seats and is no order yet`];
    if (status === entry.served && !hasOrder) return [`I7: entry ${no} was served and has no order`];
    if (hasOrder && status !== entry.served && status !== entry.failed)
      return [`I7: entry ${no} has an order, and is still in state ${status}`];
    return status === entry.waiting && place === null ? [`I5: entry ${no} waits without a place`] : [];
  });
}

/** I5: nobody waits for what is free over the whole way, in the classes whose seats are named. The platform must be at rest. */
export function nobodyWaitsForFreeSeats(
  { entries, items, tickets }: Records,
  seatsOfClass: Readonly<Record<string, number>>,
): string[] {
  const live = liveOf({ tickets });
  const waiting = new Map(entries.filter(({ status }) => status === entry.waiting).map((row) => [row.id, row]));
  return items.flatMap((item) => {
    const waits = item.waits === 1 ? waiting.get(item.entry_id) : undefined;
    if (!waits) return [];
    const party = (JSON.parse(waits.passengers) as unknown[]).length;
    return Object.entries(seatsOfClass).flatMap(([seatClass, seatCount]) => {
      const seatType = seatTypes[seatClass]!;
      if (!item.seat_types.split(",").map(Number).includes(seatType)) return [];
      const taken = live.filter(
        (row) =>
          row.run_id === item.run_id &&
          row.seat_type === seatType &&
          row.from_stop < item.to_stop &&
          item.from_stop < row.to_stop,
      );
      const free = seatCount - new Set(taken.map((row) => row.seat_index)).size;
      return free >= party ? [`I5: entry ${waits.waitlist_no} waits while ${free} ${seatClass} are free for it`] : [];
    });
  });
}

/** I4, and no ticket stuck on its way. */
function nothingUnfinished(orders: readonly OrderRow[], tickets: readonly TicketRow[]): string[] {
  const stuck = orders.filter((row) => !finalStates.includes(row.order_status));
  const onTheWay = tickets.filter((row) => [ticket.held, ticket.refunding].includes(row.ticket_status));
  return [
    ...stuck.map((row) => `I4: order ${row.order_no} is still in state ${row.order_status}`),
    ...onTheWay.map((row) => `I4: ticket ${row.ticket_no} is still in state ${row.ticket_status}`),
  ];
}

/** By the policy that a platform begins with. */
const perUserRun = 9;

/** I6. */
function limitsHold(live: readonly TicketRow[]): string[] {
  const wrong: string[] = [];
  for (const [who, rows] of Map.groupBy(live, (row) => `user ${row.user_id} on ${row.run_id}`)) {
    if (rows.length > perUserRun) wrong.push(`I6: ${who} has ${rows.length} tickets`);
  }
  for (const [who, rows] of Map.groupBy(live, (row) =>
    row.document_proved === 0 ? `${row.document_hash} of ${row.user_id}` : row.document_hash,
  )) {
    for (const [day, ofDay] of Map.groupBy(rows, (row) => row.boarding_date)) {
      if (ofDay.length > 10) wrong.push(`I6: document ${who} has ${ofDay.length} tickets on ${day}`);
    }
    const byStart = rows.toSorted((a, b) => a.departure_time - b.departure_time);
    for (let n = 1; n < byStart.length; n++) {
      if (byStart[n]!.departure_time < byStart[n - 1]!.arrival_time) {
        wrong.push(`I6: document ${who} travels on ${byStart[n - 1]!.ticket_no} and ${byStart[n]!.ticket_no} at once`);
      }
    }
  }
  return wrong;
}

type Where = { readonly trains: readonly string[]; readonly stations: readonly string[]; readonly date: string };

/** I8: what the seat engine sells from is what the tickets leave free. The platform must be running and at rest. Not for `standing`. */
export const seatsAreTickets = (
  dataDir: string,
  url: string,
  seatsOfClass: Readonly<Record<string, number>>,
  where: Where,
): Promise<string[]> => seatsAreFreeBut(recordsOfFolder(dataDir), url, seatsOfClass, where);

export async function seatsAreFreeBut(
  { tickets }: Records,
  url: string,
  seatsOfClass: Readonly<Record<string, number>>,
  where: Where,
): Promise<string[]> {
  const live = liveOf({ tickets });
  const wrong: string[] = [];
  for (const trainNumber of where.trains) {
    const onTrain = live.filter((row) => row.run_id === `${trainNumber}/${where.date}`);
    for (const [seatClass, seatCount] of Object.entries(seatsOfClass)) {
      for (let stop = 0; stop < where.stations.length - 1; stop++) {
        const query = new URLSearchParams({
          trainNumber,
          originDate: where.date,
          from: where.stations[stop]!,
          to: where.stations[stop + 1]!,
          seatClass,
        });
        const { free } = (await (await fetch(`${url}/api/search/seats?${query.toString()}`)).json()) as {
          free: number;
        };
        const taken = onTrain.filter(
          (row) => row.seat_type === seatTypes[seatClass] && row.from_stop <= stop && row.to_stop > stop,
        ).length;
        if (free !== seatCount - taken) {
          wrong.push(
            `I8: ${trainNumber} ${seatClass} from stop ${stop}: ${free} free to buy, ${seatCount - taken} by the tickets`,
          );
        }
      }
    }
  }
  return wrong;
}
