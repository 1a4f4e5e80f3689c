/** Mails that have ended are due once more. */
import { endedMails, mailsWritten, queueMailsAgain } from "@chepiao/services/operations";
import { operatorActs, operatorLooks } from "../operator.ts";
import type { StoresBeside } from "../stores.ts";
import { linesOf } from "./list.ts";
import { ofOwner, type Search } from "./search.ts";

export async function resendDeliveries(
  beside: StoresBeside,
  search: Search,
  { isMeant, say }: { readonly isMeant: boolean; readonly say: (line: string) => void },
): Promise<void> {
  const { stores, auditTrail, clock, timetable } = beside;
  const what = `mails of ${mailsWritten(search)}`;
  if (!isMeant) await operatorLooks(auditTrail, { action: "readNotifications", what });
  const found = await endedMails(stores.deliveries, await ofOwner(stores, search));
  if (found.length === 0) return say("None of these has ended without being sent.");
  for (const line of linesOf(found, { now: clock.now(), zone: timetable.zone })) say(line);
  if (found.length >= search.limit) say(`Those are ${search.limit}; there may be older ones, for another \`resend\`.`);
  if (!isMeant) return say(`Nothing was done. With --yes ${found.length} would be due at once.`);
  const queueAgain = () => queueMailsAgain(stores.deliveries, found, clock.now());
  const note = { action: "resendNotifications", what: `${found.length} ${what}` } as const;
  const again = await operatorActs(auditTrail, note, queueAgain, (count) => `${count} are due at once`);
  say(`${again} are due at once; \`notification list\` says what becomes of them.`);
  if (again < found.length) say(`${found.length - again} were queued by somebody else meanwhile, or are gone.`);
}
