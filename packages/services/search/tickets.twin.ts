/** The search for tickets as it reads in the contract: everything looked up and written anew for each request. */
import {
  type Availability,
  type InventoryClient,
  type Leg,
  seatClasses,
  seatsOf,
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
): Promise<TicketsAnswer> {
  const legs = timetable.legs(from, to, date).filter((leg) => departureOf(leg) > now);
  const trains: TrainOffer[] = [];
  for (const leg of legs) {
    const [stock] = await inventory.available([leg]);
    trains.push(offerOf(leg, stock!, timetable, now));
  }
  return { date, from: [...from], to: [...to], asOf: formatInZone(now, timetable.zone), trains };
}

const departureOf = ({ run, fromStop }: Leg) => epochMs(run.dayStart + run.train.stops[fromStop]!.departS * 1_000);

function offerOf(leg: Leg, stock: Availability, timetable: Timetable, now: EpochMs): TrainOffer {
  const { run, fromStop, toStop } = leg;
  const { train, originDate } = run;
  const [opensAt, closesAt] = [timetable.saleOpensAt(run, fromStop), timetable.saleClosesAt(run, fromStop)];
  const { zone, composition, stops } = train;
  const from = stops[fromStop]!;
  const to = stops[toStop]!;
  const departAt = departureOf(leg);
  const arriveAt = epochMs(run.dayStart + to.arriveS * 1_000);
  return {
    trainNumber: train.trainNumber,
    trainType: train.trainType,
    originDate,
    boardingDate: dateIn(from.zone ?? zone, departAt),
    from: { stationId: from.stationId, name: from.name, stop: fromStop, first: fromStop === 0 },
    to: { stationId: to.stationId, name: to.name, stop: toStop, last: toStop === stops.length - 1 },
    departAt: formatInZone(departAt, from.zone ?? zone),
    arriveAt: formatInZone(arriveAt, to.zone ?? zone),
    durationMinutes: Math.round((arriveAt - departAt) / minuteMs),
    arrivesDaysLater: daysBetween(dateIn(from.zone ?? zone, departAt), dateIn(to.zone ?? zone, arriveAt)),
    saleOpensAt: formatInZone(opensAt, from.zone ?? zone),
    sale: now < opensAt ? "notYet" : now >= closesAt ? "closed" : "open",
    classes: seatClasses.flatMap((seatClass) => {
      const seats = seatsOf(composition).get(seatClass);
      if (!seats) return [];
      const count = stock.get(seatClass)?.sellable ?? 0;
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
      const { refusal, changesAt } = stock.get(seatClass) ?? { refusal: null, changesAt: null };
      const kept = refusal === "NotOnSaleBetween" && count === 0;
      const later = kept && changesAt ? { onSaleAt: formatInZone(changesAt, from.zone ?? zone) } : {};
      const why = kept ? { notOnSaleYet: true as const, ...later } : {};
      return [{ seatClass, fareFen: fare(), ...note, free: count, sellable: count > 0, ...why }];
    }),
  };
}
