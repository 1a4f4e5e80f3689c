/**
 * What the buyer has chosen for a booking, kept in this tab: it outlives a reload, an ended session, a sold-out class and the way
 * to the order and back.
 */
import type { OrderRequest, Passenger, SeatClass, SeatPreference, TicketType } from "@chepiao/contracts";
import { useCallback, useMemo, useState } from "react";
import { readSeat } from "../../lib/seat.ts";
import { forget, isRecord, keep, kept } from "../../lib/storage.ts";
import type { Wanted } from "./address.ts";

export type Draft = {
  /** In the order they were chosen. */
  readonly passengerIds: readonly number[];
  /** Children who travel free with them, on no seat. */
  readonly freeChildIds: readonly number[];
  readonly ticketTypes: Readonly<Record<number, TicketType>>;
  readonly wishes: Wishes;
  /** Of one journey: on another everybody is in the class of its page until it is said otherwise. */
  readonly others: { readonly journey: string; readonly classes: OtherClasses } | null;
};
/** By passenger, of those who do not travel in the class of the page. */
export type OtherClasses = Readonly<Record<number, SeatClass>>;
/** By passenger. */
export type Wishes = Readonly<Record<number, SeatPreference>>;

export const emptyDraft: Draft = { passengerIds: [], freeChildIds: [], ticketTypes: {}, wishes: {}, others: null };
const storageKey = "draft";

/** Null as long as nobody was chosen or taken away: the usual party stands there. */
type KeptDraft = Omit<Draft, "passengerIds"> & { readonly passengerIds: readonly number[] | null };
const isDraft = (value: unknown): value is KeptDraft =>
  isRecord(value) &&
  (value["passengerIds"] === null || Array.isArray(value["passengerIds"])) &&
  isRecord(value["ticketTypes"]) &&
  isRecord(value["wishes"]) &&
  // Versions before have neither.
  (value["freeChildIds"] === undefined || Array.isArray(value["freeChildIds"])) &&
  areOthers(value["others"] ?? null);
const areOthers = (value: unknown): boolean =>
  value === null || (isRecord(value) && typeof value["journey"] === "string" && isRecord(value["classes"]));

const noDraft: KeptDraft = { ...emptyDraft, passengerIds: null };
export const keptDraft = (): KeptDraft => ({ ...noDraft, ...kept("session", storageKey, isDraft) });
export const keepDraft = (draft: Draft): void => keep("session", storageKey, draft);

export function useDraft(
  saved: readonly Passenger[] | undefined,
): readonly [Draft, (change: (draft: Draft) => Draft) => void] {
  const [draft, setDraft] = useState<KeptDraft>(keptDraft);
  const filled = useCallback(
    (each: KeptDraft): Draft => ({ ...each, passengerIds: each.passengerIds ?? usualParty(saved ?? [], lastParty()) }),
    [saved],
  );
  const change = useCallback(
    (by: (draft: Draft) => Draft) => {
      setDraft((before) => {
        const after = by(filled(before));
        keepDraft(after);
        return after;
      });
    },
    [filled],
  );
  return [useMemo(() => filled(draft), [filled, draft]), change];
}
export const forgetDraft = (): void => forget("session", storageKey);

const partyKey = "party";
const areIds = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((id) => typeof id === "number");
const lastParty = (): readonly number[] => kept("local", partyKey, areIds) ?? [];
export const noteParty = (passengerIds: readonly number[]): void => keep("local", partyKey, passengerIds);

/** Who travelled last time will likely travel again; before that, the account's holder. */
export function usualParty(saved: readonly Passenger[], last: readonly number[]): readonly number[] {
  const again = last.filter((id) => saved.some(({ passengerId }) => passengerId === id));
  return again.length > 0 ? again : saved.filter(({ self }) => self).map(({ passengerId }) => passengerId);
}

/** By name, or by the digits of the document that are shown; whoever is chosen stays in sight. */
export function findPassengers<Saved extends Pick<Passenger, "passengerId" | "name" | "documentMasked">>(
  saved: readonly Saved[],
  text: string,
  chosen: readonly number[],
): readonly Saved[] {
  const wanted = text.trim().toLowerCase();
  return saved.filter(
    ({ passengerId, name, documentMasked }) =>
      chosen.includes(passengerId) || `${name} ${documentMasked}`.toLowerCase().includes(wanted),
  );
}

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
export const wishFor = (wishes: Wishes, passengerId: number, seatClass: SeatClass): SeatPreference | null => {
  const wish = wishes[passengerId];
  return wish !== undefined && wishesOf[seatClass].includes(wish) ? wish : null;
};

export function withWish(wishes: Wishes, passengerId: number, wish: SeatPreference | null): Wishes {
  const { [passengerId]: _, ...others } = wishes;
  return wish ? { ...others, [passengerId]: wish } : others;
}

export const othersOf = ({ others }: Pick<Draft, "others">, journey: string): OtherClasses =>
  others?.journey === journey ? others.classes : {};

export const withOther = (draft: Draft, journey: string, passengerId: number, seatClass: SeatClass): Draft => ({
  ...draft,
  others: { journey, classes: { ...othersOf(draft, journey), [passengerId]: seatClass } },
});

/** The tickets that a passenger may buy: everyone the full fare, a child a child's, and what the saved passenger declares. */
export function ticketTypesFor(passenger: Pick<Passenger, "ticketType" | "child">): readonly TicketType[] {
  const { ticketType, child } = passenger;
  const declared = ticketType === "student" || ticketType === "disabledVeteran" ? [ticketType] : [];
  return ["adult", ...(child ? (["child"] as const) : []), ...declared];
}

/** As chosen, else as the passenger usually travels; nothing that he cannot buy any more. */
export function ticketTypeFor(
  chosen: TicketType | undefined,
  passenger: Pick<Passenger, "ticketType" | "child"> | undefined,
): TicketType {
  if (!passenger) return "adult";
  const fitting = ticketTypesFor(passenger);
  return [chosen, passenger.ticketType].find((type) => type !== undefined && fitting.includes(type)) ?? "adult";
}

// Wishes that were sent with an order, by passenger: the platform says how many it could not meet, and here is whose they were.

const areWishes = (value: unknown): value is Wishes =>
  isRecord(value) && Object.values(value).every((wish) => typeof wish === "string");
export const noteWishes = (orderNo: string, wishes: Wishes): void => keep("session", `wishes.${orderNo}`, wishes);
export const wishesOfOrder = (orderNo: string): Wishes => kept("session", `wishes.${orderNo}`, areWishes) ?? {};

/** Whether a printed place is as wished. What the print does not show, as the window of a hard seat, is not called unmet. */
export function meetsWish(wish: SeatPreference, seat: string): boolean {
  const printed = readSeat(seat);
  if (!printed?.seat) return true;
  if (printed.level) return printed.level === wish;
  return !/^[A-F]$/.test(wish) || printed.seat.endsWith(wish);
}

export function toggledPassenger(draft: Draft, passengerId: number, max: number): Draft {
  const isIn = draft.passengerIds.includes(passengerId);
  if (!isIn && draft.passengerIds.length >= max) return draft;
  const passengerIds = isIn ? without(draft.passengerIds, passengerId) : [...draft.passengerIds, passengerId];
  return { ...draft, passengerIds, freeChildIds: without(draft.freeChildIds, passengerId) };
}

/** Who travels free has no ticket. */
export function toggledFreeChild(draft: Draft, passengerId: number): Draft {
  const { freeChildIds, passengerIds } = draft;
  return freeChildIds.includes(passengerId)
    ? { ...draft, freeChildIds: without(freeChildIds, passengerId) }
    : { ...draft, freeChildIds: [...freeChildIds, passengerId], passengerIds: without(passengerIds, passengerId) };
}

const without = (ids: readonly number[], id: number): readonly number[] => ids.filter((each) => each !== id);

/** Who can take a child along free: neither one who is young enough for a child's ticket, nor one who has such a ticket. */
export const isAdult = ({ child }: Pick<Passenger, "child">, ticketType: TicketType): boolean =>
  !child && ticketType !== "child";

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
      const preference = wishFor(draft.wishes, passengerId, wanted.seatClass);
      return { passengerId, ticketType: ticketTypeOf(passengerId), ...(preference ? { preference } : {}) };
    }),
    ...(draft.freeChildIds.length > 0 ? { freeChildren: [...draft.freeChildIds] } : {}),
  };
}
