/**
 * What somebody has chosen for a booking, kept in this tab: it outlives a reload, an ended session, a sold-out class and the way
 * to the order and back.
 */
import type { OrderRequest, SeatClass, SeatPreference, TicketType } from "@chepiao/contracts";
import { useCallback, useState } from "react";
import { forget, isRecord, keep, kept } from "../../lib/storage.ts";
import type { Wanted } from "./address.ts";

export type Draft = {
  /** In the order they were chosen. */
  readonly passengerIds: readonly number[];
  readonly ticketTypes: Readonly<Record<number, TicketType>>;
  readonly wishes: Readonly<Record<number, SeatPreference>>;
};

export const emptyDraft: Draft = { passengerIds: [], ticketTypes: {}, wishes: {} };
const shelf = "draft";

const isDraft = (value: unknown): value is Draft =>
  isRecord(value) &&
  Array.isArray(value["passengerIds"]) &&
  isRecord(value["ticketTypes"]) &&
  isRecord(value["wishes"]);

export function useDraft(): readonly [Draft, (change: (draft: Draft) => Draft) => void] {
  const [draft, setDraft] = useState(() => kept("session", shelf, isDraft) ?? emptyDraft);
  const change = useCallback((by: (draft: Draft) => Draft) => {
    setDraft((before) => {
      const after = by(before);
      keep("session", shelf, after);
      return after;
    });
  }, []);
  return [draft, change];
}
export const forgetDraft = (): void => forget("session", shelf);

/** What can be wished for in a class, in the order of the places. */
export const wishesOf: Readonly<Record<SeatClass, readonly SeatPreference[]>> = {
  business: ["A", "C", "F"],
  first: ["A", "C", "D", "F"],
  second: ["A", "B", "C", "D", "F"],
  softSleeper: ["lower", "upper"],
  hardSleeper: ["lower", "middleBerth", "upper"],
  hardSeat: ["window", "aisle"],
  standing: [],
};

/** A wish made for another class is kept for when it is chosen again, and not sent with this one. */
export const wishFor = (draft: Draft, passengerId: number, seatClass: SeatClass): SeatPreference | null => {
  const wish = draft.wishes[passengerId];
  return wish !== undefined && wishesOf[seatClass].includes(wish) ? wish : null;
};

export function toggledPassenger(draft: Draft, passengerId: number, max: number): Draft {
  const isIn = draft.passengerIds.includes(passengerId);
  if (!isIn && draft.passengerIds.length >= max) return draft;
  const passengerIds = isIn
    ? draft.passengerIds.filter((each) => each !== passengerId)
    : [...draft.passengerIds, passengerId];
  return { ...draft, passengerIds };
}

export function requestOf(
  wanted: Wanted,
  draft: Draft,
  ticketTypeOf: (passengerId: number) => TicketType,
): OrderRequest {
  return {
    trainNumber: wanted.trainNumber,
    originDate: wanted.originDate,
    from: wanted.board,
    to: wanted.alight,
    seatClass: wanted.seatClass,
    passengers: draft.passengerIds.map((passengerId) => {
      const preference = wishFor(draft, passengerId, wanted.seatClass);
      return { passengerId, ticketType: ticketTypeOf(passengerId), ...(preference ? { preference } : {}) };
    }),
  };
}
