/** Rows of the waitlist's tables, and what they stand for. */
import type { Selectable } from "kysely";
import {
  codeOf,
  type RefusalCode,
  type RunId,
  seatClasses,
  ticketTypes,
  waitlistStates,
  wordOf,
} from "@chepiao/contracts";
import {
  type EpochMs,
  type Fen,
  type OrderId,
  orderNoOf,
  type PassengerId,
  slotOfOrder,
  type UserId,
  waitlistNoOf,
} from "@chepiao/kernel";
import {
  type AddedTrains,
  isPending,
  mayServe,
  type WaitlistChoice,
  type WaitlistRecord,
  type WaitlistRelease,
} from "@chepiao/ports/waitlist-store";
import { wayIn } from "./orders.rows.ts";
import { slotOfText } from "./slots.ts";
import type { Tables } from "./tables.ts";

export type EntryRow = Selectable<Tables["t_waitlist_order"]>;
type ItemRow = Selectable<Tables["t_waitlist_item"]>;
type ReleaseRow = Selectable<Tables["t_waitlist_release"]>;

export const entryColumns = [
  "id",
  "user_id",
  "status",
  "version",
  "passengers",
  "accepts_standing",
  "deadline_minutes",
  "policy_version",
  "end_by",
  "prepay_fen",
  "prepay_by",
  "payment_no",
  "captured_at",
  "captured_mac",
  "place",
  "granted_choice",
  "granted_type",
  "grant_count",
  "idempotency_key",
  "request_hash",
  "ended_because",
  "end_time",
  "next_time",
  "create_time",
  "added_trains",
] as const;
export const itemColumns = [
  "entry_id",
  "choice",
  "run_id",
  "train_number",
  "origin_date",
  "boarding_date",
  "from_stop",
  "to_stop",
  "departure_station",
  "arrival_station",
  "departure_name",
  "arrival_name",
  "departure_time",
  "arrival_time",
  "seat_types",
  "ended_because",
  "end_time",
  "added_time",
] as const;
export const releaseColumns = [
  "run_id",
  "release_time",
  "seat_type",
  "from_stop",
  "to_stop",
  "first_seat",
  "seat_count",
  "grants",
] as const;

export const entryRow = (entry: WaitlistRecord): Omit<EntryRow, "pending_no" | "update_time"> => ({
  id: entry.entryId,
  waitlist_no: waitlistNoOf(entry.entryId),
  slot: slotOfOrder(entry.entryId),
  user_id: entry.userId,
  status: codeOf(waitlistStates, entry.state),
  version: entry.version,
  passengers: JSON.stringify(
    entry.passengers.map(({ passengerId, ticketType }) => [passengerId, codeOf(ticketTypes, ticketType)]),
  ),
  accepts_standing: entry.acceptsStanding ? 1 : 0,
  deadline_minutes: entry.deadlineMinutes,
  policy_version: entry.policyVersion,
  end_by: entry.endBy,
  prepay_fen: entry.prepayFen,
  prepay_by: entry.prepayBy,
  payment_no: entry.captured?.paymentNo ?? null,
  captured_at: entry.captured?.capturedAt ?? null,
  captured_mac: entry.captured?.mac ?? null,
  place: entry.place,
  granted_choice: entry.granted?.choice ?? null,
  granted_type: entry.granted ? codeOf(seatClasses, entry.granted.seatClass) : null,
  grant_count: entry.grantCount,
  idempotency_key: entry.idempotencyKey,
  request_hash: entry.requestHash,
  ended_because: entry.endedBecause,
  end_time: entry.endedAt,
  next_time: entry.nextAt,
  create_time: entry.createdAt,
  added_trains: entry.addedTrains ? JSON.stringify(entry.addedTrains) : null,
  added_until: isPending(entry) ? (entry.addedTrains?.dates.toSorted().at(-1) ?? null) : null,
});

export const itemRows = (entry: WaitlistRecord): ItemRow[] =>
  entry.choices.map((choice) => ({
    entry_id: entry.entryId,
    choice: choice.choice,
    slot: slotOfOrder(entry.entryId),
    run_id: choice.runId,
    train_number: choice.trainNumber,
    origin_date: choice.originDate,
    boarding_date: choice.boardingDate,
    from_stop: choice.fromStop,
    to_stop: choice.toStop,
    departure_station: choice.fromStationId,
    arrival_station: choice.toStationId,
    departure_name: choice.fromName,
    arrival_name: choice.toName,
    departure_time: choice.departAt,
    arrival_time: choice.arriveAt,
    seat_types: choice.seatClasses.map((seatClass) => codeOf(seatClasses, seatClass)).join(","),
    ended_because: choice.endedBecause,
    end_time: choice.endedAt,
    waits: mayServe(entry, choice) ? 1 : 0,
    added_time: choice.addedAt,
  }));

export function entryFrom(
  row: Pick<EntryRow, (typeof entryColumns)[number]>,
  items: readonly Pick<ItemRow, (typeof itemColumns)[number]>[],
): WaitlistRecord {
  const entryId = Number(row.id) as OrderId;
  const prepayFen = Number(row.prepay_fen) as Fen;
  return {
    entryId,
    userId: Number(row.user_id) as UserId,
    state: wordOf(waitlistStates, row.status),
    version: row.version,
    passengers: (JSON.parse(row.passengers) as [PassengerId, number][]).map(([passengerId, code]) => ({
      passengerId,
      ticketType: wordOf(ticketTypes, code),
    })),
    choices: items.map(choiceFrom),
    acceptsStanding: row.accepts_standing === 1,
    addedTrains: row.added_trains === null ? null : (JSON.parse(row.added_trains) as AddedTrains),
    policyVersion: row.policy_version,
    endBy: numberOrNull(row.end_by) as EpochMs | null,
    deadlineMinutes: row.deadline_minutes,
    prepayFen,
    prepayBy: Number(row.prepay_by) as EpochMs,
    captured:
      row.payment_no === null
        ? null
        : {
            paymentNo: row.payment_no,
            orderNo: orderNoOf(entryId),
            amountFen: prepayFen,
            capturedAt: Number(row.captured_at) as EpochMs,
            ...(row.captured_mac === null ? {} : { mac: row.captured_mac }),
          },
    place: numberOrNull(row.place),
    granted:
      row.granted_choice === null
        ? null
        : { choice: row.granted_choice, seatClass: wordOf(seatClasses, row.granted_type!) },
    grantCount: row.grant_count,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    createdAt: Number(row.create_time) as EpochMs,
    endedBecause: row.ended_because as RefusalCode | null,
    endedAt: numberOrNull(row.end_time) as EpochMs | null,
    nextAt: numberOrNull(row.next_time) as EpochMs | null,
  };
}

const choiceFrom = (row: Pick<ItemRow, (typeof itemColumns)[number]>): WaitlistChoice => ({
  choice: row.choice,
  ...wayIn(row),
  seatClasses: row.seat_types.split(",").map((code) => wordOf(seatClasses, Number(code))),
  endedBecause: row.ended_because as RefusalCode | null,
  endedAt: numberOrNull(row.end_time) as EpochMs | null,
  addedAt: numberOrNull(row.added_time) as EpochMs | null,
});

export const releaseRow = (release: WaitlistRelease): ReleaseRow => ({
  run_id: release.runId,
  release_time: release.at,
  seat_type: codeOf(seatClasses, release.seatClass),
  from_stop: release.fromStop,
  to_stop: release.toStop,
  first_seat: release.firstSeat,
  slot: slotOfText(release.runId),
  seat_count: release.seatCount,
  grants: JSON.stringify(release.servedIds),
});

export const releaseFrom = (row: Pick<ReleaseRow, (typeof releaseColumns)[number]>): WaitlistRelease => ({
  runId: row.run_id as RunId,
  at: Number(row.release_time) as EpochMs,
  seatClass: wordOf(seatClasses, row.seat_type),
  fromStop: row.from_stop,
  toStop: row.to_stop,
  firstSeat: row.first_seat,
  seatCount: row.seat_count,
  servedIds: JSON.parse(row.grants) as OrderId[],
});

const numberOrNull = (value: number | string | null): number | null => (value === null ? null : Number(value));
