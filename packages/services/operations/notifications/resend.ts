/** Mails that ended without being sent: which they are, and how they are due once more. */
import type { EpochMs, UserId } from "@chepiao/kernel";
import type { Deliveries, Delivery, DeliverySearch, DeliveryState } from "@chepiao/ports/deliveries";

export type MailSearch = DeliverySearch & {
  /** Of an order, or an entry of the waitlist; with `userId` of its owner. */
  readonly orderNo?: string;
};

/** More are not looked at in one call. */
export const mailsShownMax = 500;

/** Those that nobody has got; what was sent only where its state is named. */
const neverCame: readonly DeliveryState[] = ["bounced", "failed", "dropped"];

export async function findMails(
  deliveries: Pick<Deliveries, "find">,
  { orderNo, limit, ...rest }: MailSearch,
): Promise<readonly Delivery[]> {
  if (orderNo === undefined) return deliveries.find({ ...rest, limit });
  const all = await deliveries.find({ ...rest, limit: mailsShownMax });
  return all.filter(({ facts }) => facts.orderNo === orderNo).slice(0, limit);
}

/** The newest of them. Each state is looked for by itself: among all mails they may lie behind many that were sent. */
export async function endedMails(
  deliveries: Pick<Deliveries, "find">,
  search: MailSearch,
): Promise<readonly Delivery[]> {
  const states = search.state === undefined ? neverCame : [search.state];
  const found = await Promise.all(states.map((state) => findMails(deliveries, { ...search, state })));
  return found
    .flat()
    .filter(({ state }) => state !== "queued")
    .toSorted((a, b) => b.at - a.at)
    .slice(0, search.limit);
}

/** How many are due at once: less than there are where somebody else was quicker. */
export async function queueMailsAgain(
  deliveries: Pick<Deliveries, "queueAgain">,
  ended: readonly Delivery[],
  now: EpochMs,
): Promise<number> {
  let count = 0;
  for (const each of ended) if (await deliveries.queueAgain(each, now)) count++;
  return count;
}

/** As it stands on the audit trail: which conditions, without what was found. */
export const mailsWritten = ({ userId, orderNo, kind, state }: MailSearch): string =>
  [userId === undefined ? [] : [`account ${userId satisfies UserId}`], orderNo ?? [], kind ?? [], state ?? []]
    .flat()
    .join(", ");
