/**
 * What accounts must have been told: what happened, once, and nothing that did not; and what they must have been mailed, where they want it. The log
 * says what happened.
 */
import {
  isMandatory,
  type NotificationKind,
  type NotificationPreferences,
  type OrderCause,
  type OrderStateChanged,
  preferencesDefault,
  type RefundDue,
} from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  formatInZone,
  minuteMs,
  type OrderId,
  orderIdOf,
  secondMs,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import type { Delivery } from "@chepiao/ports/deliveries";
import type { NotificationRecord } from "@chepiao/ports/notification-store";
import { settled } from "../core/settled.ts";
import { isNoMailbox, messageIdOf } from "../engines/mails.ts";
import type { Told } from "../people/told.ts";
import type { World } from "../world.ts";
import type { Moment } from "./moment.ts";

const ofCause: Partial<Record<OrderCause, readonly NotificationKind[]>> = {
  ticketed: ["ticketsBooked", "ticketsChanged", "stationChanged", "waitlistServed"],
  partReturned: ["ticketsReturned"],
  allReturned: ["ticketsReturned"],
  seatsLost: ["orderRejected"],
  limitReached: ["orderRejected"],
  expired: ["orderExpired"],
};
const ofRefund: Partial<Record<RefundDue["reason"], NotificationKind>> = {
  latePayment: "moneyReturned",
  duplicatePayment: "moneyReturned",
  waitlistDifference: "moneyReturned",
  waitlistEnded: "waitlistEnded",
};

/** One of these ids, each a kind and an event, is told to whoever the order or entry is of. */
type Due = { readonly number: string; readonly ids: readonly string[] };

function dueOf(world: World): Due[] {
  const states = world.recordsOf("order-state-topic").map(({ value }) => value as OrderStateChanged);
  const refunds = world.recordsOf("payment-refund-topic").map(({ value }) => value as RefundDue);
  return [
    ...states.flatMap(({ orderNo, version, step, because, notRun, tickets }): Due[] => [
      ...(because === "refundSettled" && tickets.every(({ state }) => state !== "refunding")
        ? [{ number: orderNo, ids: [`refundArrived:${orderNo}.${version}.${step}`] }]
        : []),
      ...(ofCause[because] ?? []).slice(0, 1).map(() => ({
        number: orderNo,
        ids: ofCause[because]!.map((kind) => `${kind}:${orderNo}.${version}.${step}`),
      })),
      ...(notRun
        ? [
            {
              number: orderNo,
              ids: [
                `${notRun.isShortened ? "trainShortened" : "trainCancelled"}:${notRun.runId}.${notRun.saidAt}.${orderNo}`,
              ],
            },
          ]
        : []),
    ]),
    ...refunds.flatMap(({ orderNo, refundNo, reason }): Due[] =>
      ofRefund[reason] ? [{ number: orderNo, ids: [`${ofRefund[reason]}:${refundNo}`] }] : [],
    ),
  ];
}

/** I2, I7: whoever something happened to is told of it once, and nobody of what did not happen. */
export function notificationsAreTold(world: World, rows: readonly NotificationRecord[]): string[] {
  const { sql } = world;
  const owners = new Map<OrderId, UserId>([
    ...sql.within.orders.all().map(({ orderId, userId }) => [orderId, userId] as const),
    ...sql.within.waitlist.all().map(({ entryId, userId }) => [entryId, userId] as const),
  ]);
  const wrong: string[] = [];
  const kept = new Set(rows.map(({ userId, notificationId }) => `${userId} ${notificationId}`));
  const happened = new Set<string>();
  for (const { number, ids } of dueOf(world)) {
    const owner = owners.get(orderIdOf(number)!)!;
    for (const id of ids) happened.add(`${owner} ${id}`);
    const told = ids.filter((id) => kept.has(`${owner} ${id}`));
    if (told.length > 1) wrong.push(`I7: ${number} is told of twice: ${told.join(", ")}`);
    if (told.length === 0 && !isGone(world, owner)) wrong.push(`I2: nobody is told that ${ids[0]} happened`);
  }
  for (const { userId, notificationId, kind, facts } of rows) {
    const isOfRun = kind === "trainCancelled" || kind === "trainShortened";
    const isTrue = isOfRun
      ? wasNotRun(world, facts.orderNo!, notificationId)
      : kind === "noSeatLeft"
        ? wasRefusedSeats(world, facts.orderNo!, notificationId)
        : happened.has(`${userId} ${notificationId}`);
    if (!isTrue)
      wrong.push(`I2: account ${userId} is told ${notificationId}, which did not happen to ${facts.orderNo}`);
  }
  return wrong;
}

/** Also where its operator let it run after all. */
const wasNotRun = ({ sql, cancelled }: World, orderNo: string, notificationId: string): boolean =>
  (sql.within.orders.all().find((order) => order.orderNo === orderNo)?.lines ?? []).some(
    (line) => notificationId.includes(`:${line.runId}.`) && cancelled.wasEver(line),
  );

const wasRefusedSeats = ({ sql, withdrawn }: World, orderNo: string, notificationId: string): boolean => {
  const { orderId, lines } = sql.within.orders.all().find((each) => each.orderNo === orderNo)!;
  return lines.some(
    ({ runId }) => notificationId === `noSeatLeft:${runId}.${orderNo}` && withdrawn.wasRefusedSeats(runId, orderId),
  );
};

const isGone = ({ sql }: World, userId: UserId): boolean =>
  settled(sql.within.users.byId(userId))?.status === "deleted";

/** I2, I7: what was noted as sent was taken, what could be sent was, and a mail is tried again only where nobody knows. */
export function mailsAreSent(world: World, rows: readonly NotificationRecord[], moment: Moment): string[] {
  const { mails } = world;
  const deliveries = mails.rows();
  const wrong: string[] = [];
  const taken = Map.groupBy(mails.taken, ({ messageId }) => messageId);
  for (const delivery of deliveries) {
    const found = faultOf(delivery, taken.has(messageIdOf(delivery)), mails.addresses.get(delivery.userId)!);
    if (found) wrong.push(`I2: the mail of ${delivery.notificationId} ${found}`);
    if (moment !== "rest" && delivery.state === "queued" && world.now() - delivery.dueAt > stillMs)
      wrong.push(`I4: the mail of ${delivery.notificationId} is not tried any more, after ${delivery.tries} tries`);
    const mayWait = isQuietAt(preferencesOf(world, delivery.userId).quiet, world.now());
    if (moment === "over" && delivery.state === "queued" && !mayWait)
      wrong.push(`I4: the mail of ${delivery.notificationId} waits for ever after ${delivery.tries} tries`);
    if (delivery.state === "dropped" && isWanted(world, delivery))
      wrong.push(`I2: the mail of ${delivery.notificationId} was dropped, and is wanted`);
  }
  const queuedOnce = new Set(deliveries.map(messageIdOf));
  for (const row of rows)
    if (mails.addresses.has(row.userId) && !isGone(world, row.userId) && !queuedOnce.has(messageIdOf(row)))
      wrong.push(`I2: ${row.notificationId} is never mailed`);
  for (const { userId, notificationId } of [...rows, ...deliveries])
    if (moment !== "rest" && isGone(world, userId))
      wrong.push(`${notificationId} of account ${userId} is kept, which is deleted`);
  for (const [messageId, all] of taken)
    if (all.length > takenMax)
      wrong.push(`I7: ${mails.asked.get(messageId)?.notificationId} is mailed ${all.length} times`);
  return wrong;
}

/** A mail that is due is tried by then. */
const stillMs = 3 * minuteMs;

/** Where answers are lost, or processes die over a mail, again and again. */
const takenMax = 5;

function faultOf({ state, lastError }: Delivery, isTaken: boolean, address: string): string | null {
  if (state === "sent" && !isTaken) return "is noted as sent, and nobody took it";
  if (state === "bounced" && !isNoMailbox(address)) return `is noted as refused for good: ${lastError}`;
  // No server is away for a day here.
  if (state === "failed") return `was given up: ${lastError}`;
  return null;
}

const preferencesOf = ({ sql }: World, userId: UserId): NotificationPreferences =>
  settled(sql.within.notifications.preferences(userId)) ?? preferencesDefault;

const isWanted = (world: World, { userId, kind }: Delivery): boolean =>
  !isGone(world, userId) &&
  (isMandatory(kind) || !(preferencesOf(world, userId).notMailed as readonly string[]).includes(kind));

/** Between the decision to mail something and its being taken: clocks are off, and processes sleep. */
const marginMs = 90 * secondMs;

/** Nobody is mailed what he does not want, in hours in which he does not want it, or after he has left. */
export function mailsAreWanted(world: World, told: Told): string[] {
  const { mails } = world;
  const userOf = new Map([...mails.addresses].map(([userId, address]) => [address, userId]));
  return mails.taken.flatMap(({ messageId, to, title, at }) => {
    const userId = userOf.get(to)!;
    const asked = mails.asked.get(messageId);
    if (!asked) return [];
    const { kind } = asked;
    if (asked.userId !== userId) return [`I2: ${to} is mailed what account ${asked.userId} was told`];
    const left = told.left.get(userId);
    if (left !== undefined && at > left + marginMs) return [`"${title}" is mailed to ${to}, who has left`];
    const preferences = preferencesOf(world, userId);
    if (isMandatory(kind)) return [];
    if ((preferences.notMailed as readonly string[]).includes(kind))
      return [`${to} does not want ${kind}, and is mailed it`];
    const isQuiet = [at - marginMs, at, at + marginMs].every((each) => isQuietAt(preferences.quiet, epochMs(each)));
    return isQuiet ? [`${to} is mailed ${kind} in quiet hours`] : [];
  });
}

function isQuietAt(quiet: NotificationPreferences["quiet"], at: EpochMs): boolean {
  if (quiet === null) return false;
  const clock = formatInZone(at, quiet.zone as ZoneName).slice(11, 16);
  const { from, until } = quiet;
  return from <= until ? from <= clock && clock < until : clock >= from || clock < until;
}
