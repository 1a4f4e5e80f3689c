/** What became of deliveries, one to a line, in words. */
import { type EpochMs, formatInZone, type ZoneName } from "@chepiao/kernel";
import type { Delivery } from "@chepiao/ports/deliveries";
import { findMails, mailsWritten } from "@chepiao/services/operations";
import { operatorLooks } from "../operator.ts";
import type { StoresBeside } from "../stores.ts";
import { table } from "../table.ts";
import { ofOwner, type Search } from "./search.ts";

type Say = (line: string) => void;

export async function listDeliveries(
  beside: StoresBeside,
  search: Search,
  { asJson, say }: { readonly asJson: boolean; readonly say: Say },
): Promise<void> {
  const { stores, auditTrail, clock, timetable } = beside;
  await operatorLooks(auditTrail, { action: "readNotifications", what: `mails of ${mailsWritten(search)}` });
  const found = await findMails(stores.deliveries, await ofOwner(stores, search));
  if (asJson) return say(JSON.stringify(found.map((each) => shown(each, timetable.zone))));
  if (found.length === 0) return say("There are none, or they were forgotten.");
  for (const line of linesOf(found, { now: clock.now(), zone: timetable.zone })) say(line);
  if (found.length >= search.limit) say(`Those were ${search.limit}; there may be older ones.`);
}

export type Around = { readonly now: EpochMs; readonly zone: ZoneName };

export const linesOf = (deliveries: readonly Delivery[], around: Around): string[] =>
  table(
    deliveries.map((delivery) => [
      formatInZone(delivery.at, around.zone),
      `account ${delivery.userId}`,
      delivery.facts.orderNo ?? "",
      delivery.kind,
      becameOf(delivery, around),
    ]),
  );

/** What became of it, and why. */
export function becameOf(delivery: Delivery, around: Around): string {
  const { lastError } = delivery;
  const why = lastError === null ? "" : `: ${lastError}`;
  return `${became[delivery.state](delivery, around)}${why}`;
}

const became: Readonly<Record<Delivery["state"], (delivery: Delivery, around: Around) => string>> = {
  queued({ tries, dueAt }, { now, zone }) {
    if (tries === 0 && dueAt <= now) return "waits for its first try";
    return `waits until ${formatInZone(dueAt, zone)}${tries === 0 ? "" : `, ${begun(tries)}`}`;
  },
  sent: ({ dueAt }, { zone }) => `was taken by the mail server at ${formatInZone(dueAt, zone)}`,
  bounced: ({ dueAt }, { zone }) => `was refused for good at ${formatInZone(dueAt, zone)}`,
  failed: ({ dueAt, tries }, { zone }) => `was given up at ${formatInZone(dueAt, zone)}, ${begun(tries)}`,
  dropped: () => "was not sent",
};

const begun = (tries: number): string => `begun ${tries === 1 ? "once" : `${tries} times`}`;

const shown = (
  { userId, notificationId, channel, kind, facts, at, state, tries, dueAt, lastError }: Delivery,
  zone: ZoneName,
) => ({
  account: userId,
  notificationId,
  channel,
  kind,
  orderNo: facts.orderNo,
  at: formatInZone(at, zone),
  state,
  tries,
  [state === "queued" ? "dueAt" : "endedAt"]: formatInZone(dueAt, zone),
  lastError,
});
