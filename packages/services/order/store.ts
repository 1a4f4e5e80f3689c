/** An order wherever it is: a row in SQL, or accepted and still on its way from the log to SQL. */
import type { OrderId } from "@chepiao/kernel";
import type { OrderRecord, OrderStore } from "@chepiao/ports/order-store";
import type { Submissions } from "@chepiao/ports/submissions";
import { undecided } from "./views.ts";

export type FindOrder = (orderId: OrderId) => Promise<OrderRecord | null>;

/**
 * An order that nothing can undo any more. One that is accepted may still come to nothing, as long as nobody knows it to be in the log (I2).
 */
export const createFindLogged =
  (store: Pick<OrderStore, "load">, submissions: Pick<Submissions, "find" | "isLogged">): FindOrder =>
  async (orderId) => {
    const row = await store.load(orderId);
    if (row) return row;
    const waiting = (await submissions.isLogged(orderId)) ? await submissions.find(orderId) : null;
    // It may have been written between the looks.
    return waiting ? undecided(waiting) : store.load(orderId);
  };

/** One that is not written yet is found in the state `accepted`. */
export const createFindOrder =
  (store: Pick<OrderStore, "load">, submissions: Pick<Submissions, "find">): FindOrder =>
  async (orderId) => {
    const row = await store.load(orderId);
    if (row) return row;
    const waiting = await submissions.find(orderId);
    // It may have been written between the two looks.
    return waiting ? undecided(waiting) : store.load(orderId);
  };
