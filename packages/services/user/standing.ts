/** What an account has to do with trains: may it be deleted, does it lapse, may its people become others? */
import { type OrderState, orderStates } from "@chepiao/contracts";
import { dayMs, type EpochMs, epochMs, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { liveTicketStates, type OrderStore, seatHoldingStates, unpaidStates } from "@chepiao/ports/order-store";
import type { WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { UserDeps } from "./deps.ts";

type Stores = {
  readonly clock: Pick<Clock, "now">;
  readonly orders: Pick<OrderStore, "load" | "ofUser">;
  readonly waitlist: Pick<WaitlistStore, "hasPending" | "hasPrepaid" | "ofUser">;
};

/** An order is written within seconds; one that is not there after so long is not kept any more. */
const writtenWithinMs = dayMs;

export const standingBy = ({
  clock,
  orders,
  waitlist,
}: Stores): Required<Pick<UserDeps, "hasBought" | "ordersUnderWay" | "travelsAs" | "waitsForSeats">> => ({
  hasBought: async (userId) =>
    (await hasOrdersIn(boughtStates, orders, userId)) ||
    (await waitlist.hasPending(userId)) ||
    waitlist.hasPrepaid(userId),
  ordersUnderWay: (userId) => hasOrdersIn(seatHoldingStates, orders, userId),
  waitsForSeats: async (userId) =>
    (await waitlist.hasPending(userId)) ||
    hasUnwritten(orders, waitlist, userId, epochMs(clock.now() - writtenWithinMs)),
  travelsAs: (userId, documentHash, kind) => hasTicketsAs(orders, userId, documentHash, kind === "unproved"),
});

/** All but those that came to nothing before any money. */
const boughtStates = orderStates.filter(
  (state) => state !== "rejected" && !(unpaidStates as readonly OrderState[]).includes(state),
);

async function hasOrdersIn(
  states: readonly OrderState[],
  orders: Pick<OrderStore, "ofUser">,
  userId: UserId,
): Promise<boolean> {
  const some = await Promise.all(states.map((state) => orders.ofUser(userId, { state, limit: 1 })));
  return some.flat().length > 0;
}

/** Was an entry served whose order is accepted, and not written yet? */
async function hasUnwritten(
  orders: Pick<OrderStore, "load">,
  waitlist: Pick<WaitlistStore, "ofUser">,
  userId: UserId,
  since: EpochMs,
): Promise<boolean> {
  let page = await waitlist.ofUser(userId, { limit: pageMax });
  for (; page.length > 0; page = await waitlist.ofUser(userId, { before: page.at(-1)!.entryId, limit: pageMax }))
    for (const { entryId, state, endedAt } of page)
      if (state === "served" && endedAt !== null && endedAt >= since && !(await orders.load(entryId))) return true;
  return false;
}

async function hasTicketsAs(
  orders: Pick<OrderStore, "ofUser">,
  userId: UserId,
  documentHash: string,
  isUnproved: boolean,
): Promise<boolean> {
  for (const state of seatHoldingStates) {
    let page = await orders.ofUser(userId, { state, limit: pageMax });
    for (; page.length > 0; page = await orders.ofUser(userId, { state, before: page.at(-1)!.orderId, limit: pageMax }))
      for (const ticket of page.flatMap(({ tickets }) => tickets))
        if (
          ticket.documentHash === documentHash &&
          (ticket.documentUnproved ?? false) === isUnproved &&
          (liveTicketStates as readonly string[]).includes(ticket.state)
        )
          return true;
  }
  return false;
}
const pageMax = 100;
