/** Which deliveries are meant: those of an account, an order or an entry of the waitlist, of a kind, or in a state. */
import { type OrderId, orderIdOf, type UserId } from "@chepiao/kernel";
import type { MailSearch } from "@chepiao/services/operations";
import { CommandFailed, UsageError } from "../command.ts";
import type { StoresBeside } from "../stores.ts";

export type Search = MailSearch;

/** Mails of an order are found by whose it is. */
export async function ofOwner(stores: StoresBeside["stores"], search: Search): Promise<Search> {
  const { orderNo } = search;
  if (orderNo === undefined) return search;
  const id = orderIdOf(orderNo.replace(/^W/, "E"));
  if (id === null)
    throw new UsageError(`"${orderNo}" is no number of an order or of an entry, such as E01230000000000001.`);
  const userId = await ownerOf(stores, orderNo, id);
  if (userId === null) throw new CommandFailed(`There is no ${orderNo}.`);
  if (search.userId !== undefined && search.userId !== userId)
    throw new CommandFailed(`${orderNo} is of account ${userId}, not of ${search.userId}.`);
  return { ...search, userId };
}

async function ownerOf(
  { orders, waitlist }: StoresBeside["stores"],
  orderNo: string,
  id: OrderId,
): Promise<UserId | null> {
  const found = orderNo.startsWith("W") ? await waitlist.load(id) : await orders.load(id);
  return found?.userId ?? null;
}
