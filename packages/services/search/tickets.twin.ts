/** The search for tickets as it reads in the contract: everything looked up and written anew for each request. */
import {
  type InventoryClient,
  type Leg,
  type SeatClass,
  seatClasses,
  seatsOf,
  standingParent,
  type TicketsAnswer,
  type Timetable,
  type TrainOffer,
} from "@chepiao/contracts";
import { dateIn, daysBetween, type EpochMs, epochMs, formatInZone, minuteMs, type ServiceDate } from "@chepiao/kernel";

export async function searchSlowly(
  timetable: Timetable,
  inventory: Pick<InventoryClient, "available">,
  { from, to, date }: { readonly from: readonly string[]; readonly to: readonly string[]; readonly date: ServiceDate },
  now: EpochMs,
  closesBeforeMs: number,
): Promise<TicketsAnswer> {
  const legs = timetable.legs(from, to, date).filter((leg) => departureOf(leg) > now);
  const trains: TrainOffer[] = [];
  for (const leg of legs) {
    const [free] = await inventory.available([leg]);
    trains.push(offerOf(leg, free!, timetable, now, closesBeforeMs));
  }
  return { date, from: [...from], to: [...to], asOf: formatInZone(now, timetable.zone), trains };
}

const departureOf = ({ run, fromStop }: Leg) => epochMs(run.dayStart + run.train.stops[fromStop]!.departS * 1_000);

function offerOf(
  leg: Leg,
  free: ReadonlyMap<SeatClass, number>,
  timetable: Timetable,
  now: EpochMs,
  closesBeforeMs: number,
): TrainOffer {
  const { run, fromStop, toStop } = leg;
  const { train, originDate, saleOpensAt } = run;
  const { zone, composition, stops } = train;
  const from = stops[fromStop]!;
  const to = stops[toStop]!;
  const departAt = departureOf(leg);
  const arriveAt = epochMs(run.dayStart + to.arriveS * 1_000);
  const parent = standingParent(composition);
  const parentLeft = parent !== null && (free.get(parent) ?? 0) > 0;
  return {
    trainNumber: train.trainNumber,
    trainType: train.trainType,
    originDate,
    boardingDate: dateIn(zone, departAt),
    from: { stationId: from.stationId, name: from.name, stop: fromStop, first: fromStop === 0 },
    to: { stationId: to.stationId, name: to.name, stop: toStop, last: toStop === stops.length - 1 },
    departAt: formatInZone(departAt, zone),
    arriveAt: formatInZone(arriveAt, zone),
    durationMinutes: Math.round((arriveAt - departAt) / minuteMs),
    arrivesDaysLater: daysBetween(dateIn(zone, departAt), dateIn(zone, arriveAt)),
    saleOpensAt: formatInZone(saleOpensAt, zone),
    sale: now < saleOpensAt ? "notYet" : now >= departAt - closesBeforeMs ? "closed" : "open",
    classes: seatClasses.flatMap((seatClass) => {
      const seats = seatsOf(composition).get(seatClass);
      if (!seats) return [];
      const count = free.get(seatClass) ?? 0;
      const fare = (kind?: string) =>
        timetable.fare(
          run,
          seatClass,
          fromStop,
          toStop,
          "adult",
          seats.find((seat) => seat.kind === kind),
        );
      const has = (kind: string) => seats.some((seat) => seat.kind === kind);
      const note =
        has("lower") && has("upper")
          ? {
              fareNote: {
                lower: fare("lower"),
                ...(has("middleBerth") ? { middleBerth: fare("middleBerth") } : {}),
                upper: fare("upper"),
              },
            }
          : {};
      const sellable = count > 0 && !(seatClass === "standing" && parentLeft);
      return [{ seatClass, fareFen: fare(), ...note, free: count, sellable }];
    }),
  };
}
