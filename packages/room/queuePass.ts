/**
 * The pass of a queue: the queue room's word that this account may buy within this queue until then. A purchase shows it, and it is checked
 * without asking anybody.
 */
import { queuePassSecret } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import { isSameMac, macBy, type Vault } from "@chepiao/ports/vault";

export type PassOf = { readonly queueId: string; readonly userId: number };

/** Several, for an order on trains of several queues, by commas. */
const passesMax = 4;

export function createQueuePasses(vault: Pick<Vault, "secret">) {
  const macOf = macBy(vault, queuePassSecret);

  function isPass(text: string, { queueId, userId }: PassOf, now: EpochMs): boolean {
    const [queue, account, until, mac, ...more] = text.trim().split(".");
    if (queue !== queueId || account !== String(userId) || more.length > 0) return false;
    return Number(until) > now && isSameMac(macOf(`${queue}.${account}.${until}`), mac);
  }

  return {
    sign({ queueId, userId }: PassOf, until: EpochMs): string {
      const text = `${queueId}.${userId}.${until}`;
      return `${text}.${macOf(text)}`;
    },
    /** Is one of the passes in that header for this account and this queue, and not over? */
    admits: (header: string | null, to: PassOf, now: EpochMs): boolean =>
      header !== null && header.split(",", passesMax).some((text) => isPass(text, to, now)),
  };
}

export type QueuePasses = ReturnType<typeof createQueuePasses>;
