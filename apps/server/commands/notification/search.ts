/** Which deliveries are meant: those of an account, an order or an entry of the waitlist, of a kind, or in a state. */
import { type OrderId, orderIdOf, type UserId } from "@chepiao/kernel";
import type { Delivery, DeliverySearch } from "@chepiao/ports/deliveries";
import { CommandFailed, UsageError } from "../command.ts";
import type { StoresBeside } from "../stores.ts";

export type Search = DeliverySearch & { readonly orderNo?: string };

/** More are not looked at in one command. */
export const shownMax = 500;

export async function searched({ stores }: Pick<StoresBeside, "stores">, search: Search): Promise<readonly Delivery[]> {
  const { orderNo, limit, ...rest } = search;
  if (orderNo === undefined) return stores.deliveries.find({ ...rest, limit });
  const id = orderIdOf(orderNo.replace(/^W/, "E"));
  if (id === null)
    throw new UsageError(`"${orderNo}" is no number of an order or of an entry, such as E01230000000000001.`);
  const userId = await ownerOf(stores, orderNo, id);
  if (userId === null) throw new CommandFailed(`There is no ${orderNo}.`);
  if (rest.userId !== undefined && rest.userId !== userId)
    throw new CommandFailed(`${orderNo} is of account ${userId}, not of ${rest.userId}.`);
  const all = await stores.deliveries.find({ ...rest, userId, limit: shownMax });
  return all.filter(({ facts }) => facts.orderNo === orderNo).slice(0, limit);
}

async function ownerOf(
  { orders, waitlist }: StoresBeside["stores"],
  orderNo: string,
  id: OrderId,
): Promise<UserId | null> {
  const found = orderNo.startsWith("W") ? await waitlist.load(id) : await orders.load(id);
  return found?.userId ?? null;
}

/** As it stands on the audit trail: which conditions, without what was found. */
export const written = ({ userId, orderNo, kind, state }: Search): string =>
  [userId === undefined ? [] : [`account ${userId}`], orderNo === undefined ? [] : [orderNo], kind ?? [], state ?? []]
    .flat()
    .join(", ");
