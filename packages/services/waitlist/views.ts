/** An entry as its owner sees it. */
import type { WaitlistEntry, WaitlistStory } from "@chepiao/contracts";
import { type EpochMs, epochMs, formatInZone, orderNoOf, waitlistNoOf, type ZoneName } from "@chepiao/kernel";
import type { WaitlistRecord } from "@chepiao/ports/waitlist-store";
import { choicesLeft, decideByOf } from "./decide.ts";
import type { Story } from "./story.ts";

/** A journey's times are those of the clocks at its stations; what else happens is told in the timetable's. */
export type Zones = { readonly zone: ZoneName; zoneOf(stationId: string): ZoneName };

export function entryView(entry: WaitlistRecord, { zone, zoneOf }: Zones, now: EpochMs): WaitlistEntry {
  const at = (instant: EpochMs | null) => (instant === null ? null : formatInZone(instant, zone));
  const latest = Math.max(...choicesLeft(entry).map((choice) => decideByOf(choice, entry)));
  return {
    waitlistNo: waitlistNoOf(entry.entryId),
    state: entry.state,
    choices: entry.choices.map((choice) => ({
      choice: choice.choice,
      trainNumber: choice.trainNumber,
      originDate: choice.originDate,
      boardingDate: choice.boardingDate,
      from: { stationId: choice.fromStationId, name: choice.fromName },
      to: { stationId: choice.toStationId, name: choice.toName },
      departAt: formatInZone(choice.departAt, zoneOf(choice.fromStationId)),
      arriveAt: formatInZone(choice.arriveAt, zoneOf(choice.toStationId)),
      seatClasses: [...choice.seatClasses],
      decideBy: formatInZone(decideByOf(choice, entry), zoneOf(choice.fromStationId)),
      endedBecause: choice.endedBecause,
      addedAt: at(choice.addedAt),
    })),
    passengers: entry.passengers.map(({ passengerId, ticketType }) => ({ passengerId, ticketType })),
    acceptsStanding: entry.acceptsStanding,
    addedTrains: entry.addedTrains && { ...entry.addedTrains, dates: [...entry.addedTrains.dates] },
    deadlineMinutes: entry.deadlineMinutes,
    decideBy: Number.isFinite(latest) ? at(epochMs(latest)) : null,
    prepayFen: entry.prepayFen,
    prepayBy: formatInZone(entry.prepayBy, zone),
    paidAt: at(entry.captured?.capturedAt ?? null),
    orderNo: entry.granted && !["granted", "waiting"].includes(entry.state) ? orderNoOf(entry.entryId) : null,
    createdAt: formatInZone(entry.createdAt, zone),
    endedAt: at(entry.endedAt),
    endedBecause: entry.endedBecause,
    now: formatInZone(now, zone),
  };
}

export function storyView({ places, passedOver, added, waitsFor }: Story, { zone }: Zones): WaitlistStory {
  return {
    places: [...places],
    passedOver: passedOver.map(({ choice, at, seatClass, seats, because, refusal, ...way }) => ({
      choice: choice.choice,
      at: formatInZone(at, zone),
      seatClass,
      seats,
      fromStop: way.fromStop,
      toStop: way.toStop,
      because,
      refusal,
    })),
    added: added.map(({ choice, at, refusal }) => ({ choice: choice.choice, at: formatInZone(at, zone), refusal })),
    waitsFor,
  };
}
