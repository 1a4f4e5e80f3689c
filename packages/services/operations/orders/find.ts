/** How staff find orders by what they have of them, at the command line and by the API. */
import type { DocumentType } from "@chepiao/contracts";
import type { UserId } from "@chepiao/kernel";
import type { OrderDocument, OrderFilter, OrderHits, PageEnd } from "@chepiao/ports/order-search";

export type OrdersAsked = {
  /** Without what needs keys or accounts. */
  readonly filter: OrderFilter;
  readonly document: { readonly type: DocumentType; readonly number: string } | null;
  /** Username, phone or mail address of who bought. */
  readonly account: string | null;
};

/** Who knows accounts, and under what documents are kept. */
export type People = {
  readonly accountOf: (name: string) => Promise<UserId | null> | UserId | null;
  readonly documentHash: (document: NonNullable<OrdersAsked["document"]>) => Promise<string | null> | string | null;
};

/** All that was asked for as the search takes it, or what cannot be looked for: `account` there is none, `document` it is no number of its kind. */
export async function filterOf(
  { filter, document, account }: OrdersAsked,
  people: People,
): Promise<OrderFilter | "account" | "document"> {
  const userId = account === null ? null : await people.accountOf(account);
  if (account !== null && userId === null) return "account";
  const documentHash = document === null ? null : await people.documentHash(document);
  if (document !== null && documentHash === null) return "document";
  return {
    ...filter,
    ...(userId === null ? {} : { userId }),
    ...(documentHash === null ? {} : { passenger: { ...filter.passenger, documentHash } }),
  };
}

/** As it stands on the audit trail: by which conditions, and how many. What was asked for may be a name itself. */
export function lookedAt(
  { orders }: Pick<OrderHits, "orders">,
  { filter: { passenger, ...filter }, document, account }: OrdersAsked,
): string {
  const given = [
    ...Object.keys(filter),
    ...Object.keys(passenger ?? {}),
    ...(document === null ? [] : ["document"]),
    ...(account === null ? [] : ["account"]),
  ];
  const travellers = orders.reduce((sum, { passengers }) => sum + passengers.length, 0);
  return `${orders.length} orders with ${travellers} travellers, by ${given.join(", ") || "no condition"}`;
}

/** How the end of a page is told, and taken. */
export const pageEndText = (end: PageEnd): string => end.join("_");

/** Null where it is no end of a page. */
export function pageEndOf(given: string): PageEnd | null {
  const [closeness, orderId, ...more] = given.split("_").map((word) => (word === "" ? Number.NaN : Number(word)));
  return Number.isFinite(closeness) && Number.isSafeInteger(orderId) && more.length === 0
    ? [closeness!, orderId!]
    : null;
}

/** Without the hashes: they find documents in this platform, and are nobody else's business. */
export const travellersOf = ({ passengers }: OrderDocument) =>
  passengers.map(({ ticketNo, name, documentMasked, state }) => ({ ticketNo, name, documentMasked, state }));
