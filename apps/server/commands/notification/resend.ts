/** Mails that have ended are due once more. */
import type { Delivery, DeliveryState } from "@chepiao/ports/deliveries";
import { operatorActs, operatorLooks } from "../operator.ts";
import type { StoresBeside } from "../stores.ts";
import { linesOf } from "./list.ts";
import { type Search, searched, written } from "./search.ts";

/** Those that nobody has got; what was sent only where its state is named. */
const neverCame: readonly DeliveryState[] = ["bounced", "failed", "dropped"];

export async function resendDeliveries(
  beside: StoresBeside,
  search: Search,
  { isMeant, say }: { readonly isMeant: boolean; readonly say: (line: string) => void },
): Promise<void> {
  const { stores, auditTrail, clock, timetable } = beside;
  const what = `mails of ${written(search)}`;
  if (!isMeant) await operatorLooks(auditTrail, { action: "readNotifications", what });
  const found = await endedOf(beside, search);
  if (found.length === 0) return say("None of these has ended without being sent.");
  for (const line of linesOf(found, { now: clock.now(), zone: timetable.zone })) say(line);
  if (found.length >= search.limit) say(`Those are ${search.limit}; there may be older ones, for another \`resend\`.`);
  if (!isMeant) return say(`Nothing was done. With --yes ${found.length} would be due at once.`);
  const queueAgain = async () => {
    let count = 0;
    for (const each of found) if (await stores.deliveries.queueAgain(each, clock.now())) count++;
    return count;
  };
  const note = { action: "resendNotifications", what: `${found.length} ${what}` } as const;
  const again = await operatorActs(auditTrail, note, queueAgain, (count) => `${count} are due at once`);
  say(`${again} are due at once; \`notification list\` says what becomes of them.`);
  if (again < found.length) say(`${found.length - again} were queued by somebody else meanwhile, or are gone.`);
}

/** The newest of them. Each state is looked for by itself: among all mails they may lie behind many that were sent. */
async function endedOf(beside: StoresBeside, search: Search): Promise<readonly Delivery[]> {
  const states = search.state === undefined ? neverCame : [search.state];
  const found = await Promise.all(states.map((state) => searched(beside, { ...search, state })));
  return found
    .flat()
    .filter(({ state }) => state !== "queued")
    .toSorted((a, b) => b.at - a.at)
    .slice(0, search.limit);
}
