/** What an account has to do with trains: may it be deleted, does it lapse, may its people become others? */
import { type OrderState, orderStates } from "@chepiao/contracts";
import type { UserId } from "@chepiao/kernel";
import { liveTicketStates, type OrderStore, seatHoldingStates, unpaidStates } from "@chepiao/ports/order-store";
import type { WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { UserDeps } from "./deps.ts";

type Stores = {
  readonly orders: Pick<OrderStore, "ofUser">;
  readonly waitlist: Pick<WaitlistStore, "hasPending" | "hasPrepaid">;
};

export const standingBy = ({
  orders,
  waitlist,
}: Stores): Required<Pick<UserDeps, "hasBought" | "ordersUnderWay" | "travelsAs" | "waitsForSeats">> => ({
  hasBought: async (userId) =>
    (await hasOrdersIn(boughtStates, orders, userId)) ||
    (await waitlist.hasPending(userId)) ||
    waitlist.hasPrepaid(userId),
  ordersUnderWay: (userId) => hasOrdersIn(seatHoldingStates, orders, userId),
  waitsForSeats: (userId) => waitlist.hasPending(userId),
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
