/** Who travels, chosen once for whatever is bought or waited for in this tab. */
import type { Passenger, SeatPreference, TicketType } from "@chepiao/contracts";
import { useMemo } from "react";
import { isRefused } from "../../lib/api.ts";
import { dayText } from "../../lib/format.ts";
import { useMe } from "../../lib/session.ts";
import type { Messages } from "../../messages/zh.ts";
import { usePassengers } from "../account/passengers.ts";
import { type Draft, ticketTypeFor, useDraft, withWish } from "./draft.ts";

export function useParty() {
  const me = useMe();
  const passengers = usePassengers(me !== null && me !== undefined);
  const saved = passengers.data;
  const [draft, change] = useDraft(saved);
  const chosen = useMemo(
    () => draft.passengerIds.flatMap((id) => saved?.find(({ passengerId }) => passengerId === id) ?? []),
    [draft.passengerIds, saved],
  );
  const ticketTypeOf = (id: number): TicketType =>
    ticketTypeFor(
      draft.ticketTypes[id],
      saved?.find(({ passengerId }) => passengerId === id),
    );
  /** Whoever is not saved any more, or too old by now, is not asked for. */
  const free = useMemo(
    () =>
      draft.freeChildIds.flatMap(
        (id) => saved?.find(({ passengerId, freeChild }) => passengerId === id && freeChild) ?? [],
      ),
    [draft.freeChildIds, saved],
  );
  const wish = (id: number, preference: SeatPreference | null) =>
    change((before) => ({ ...before, wishes: withWish(before.wishes, id, preference) }));
  return { me, passengers, draft, change, chosen, free, ticketTypeOf, wish };
}

export const showPassengers = () => document.getElementById("passengers")?.scrollIntoView({ block: "start" });

/** The draft with those alone who are there. */
export const draftOf = (draft: Draft, chosen: readonly Passenger[], free: readonly Passenger[]): Draft => ({
  ...draft,
  passengerIds: chosen.map(({ passengerId }) => passengerId),
  freeChildIds: free.map(({ passengerId }) => passengerId),
});

/**
 * Which of the party a refusal is about, where it says so; and the trip that is in the way, where that is the account's own.
 * @param free children without a ticket, as the refused line named them
 */
export function wrongPassenger(
  error: unknown,
  party: readonly Passenger[],
  messages: Messages,
  free: readonly Passenger[] = [],
): { readonly passengerId: number; readonly message: string } | null {
  if (!isRefused(error)) return null;
  const { ticket, freeChild } = error.problem.facts ?? {};
  const passenger =
    typeof freeChild === "number" ? free[freeChild] : typeof ticket === "number" ? party[ticket] : undefined;
  if (!passenger) return null;
  const other = error.problem.facts?.["runId"];
  const [train = "", date = ""] = typeof other === "string" ? other.split("/") : [];
  const more = train === "" ? "" : ` ${messages.book.otherTrip(train, dayText(date, messages))}`;
  return { passengerId: passenger.passengerId, message: error.message + more };
}
