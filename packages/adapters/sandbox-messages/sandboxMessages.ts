/**
 * Messages of a platform that is practised with: instead of being sent they are kept for a day, sealed, and shown on a page to
 * a visitor who says the number or mail address they were sent to.
 *
 *   GET /sandbox/messages/inbox?to=…
 */
import { type Message, messageChannels } from "@chepiao/contracts";
import { dayMs, epochMs, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Messenger, SentMessages } from "@chepiao/ports/messenger";
import { placeOf, type Vault } from "@chepiao/ports/vault";
import { messagesPage, pageHeaders } from "./page.ts";
import { languageOf } from "./pageTexts.ts";

export type SandboxMessagesDeps = {
  readonly messages: SentMessages;
  readonly vault: Pick<Vault, "seal" | "open" | "fingerprint">;
  readonly clock: Pick<Clock, "now">;
  /** In which times are shown; asked for when a page is. */
  readonly zone: () => Promise<ZoneName>;
};

export type SandboxMessages = Messenger & {
  /** Answers what is its own, null for everything else. */
  fetch(request: Request): Promise<Response | null>;
};

/** What is sealed of a message opens in its own row alone. */
export const contentPlace = (messageId: string) => placeOf("t_sandbox_message.content_sealed", messageId);

export const messagesPath = "/sandbox/messages/inbox";
const recipientLengthMax = 254;
const shownMax = 20;
const keptMs = dayMs;
const purgedAtOnce = 100;

export function createSandboxMessages({ messages, vault, clock, zone }: SandboxMessagesDeps): SandboxMessages {
  const hashOf = (to: string) => vault.fingerprint(`recipient:${to.toLowerCase()}`);

  async function shownTo(to: string) {
    const kept = await messages.of(hashOf(to), shownMax);
    return kept
      .filter(({ createdAt }) => clock.now() - createdAt < keptMs)
      .map(({ messageId, contentSealed, createdAt }) => ({
        message: JSON.parse(vault.open(contentSealed, contentPlace(messageId))) as Message,
        at: createdAt,
      }));
  }

  return {
    channels: messageChannels,
    async send(message) {
      const now = clock.now();
      await messages.add({
        messageId: message.messageId,
        recipientHash: hashOf(message.to),
        contentSealed: vault.seal(JSON.stringify(message), contentPlace(message.messageId)),
        createdAt: now,
      });
      await messages.purge(epochMs(now - keptMs), purgedAtOnce);
    },
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname !== messagesPath) return null;
      if (request.method !== "GET") return new Response(null, { status: 405, headers: { allow: "GET" } });
      const to = searchParams.get("to")?.trim().slice(0, recipientLengthMax) || null;
      const scene = {
        language: languageOf(request.headers.get("accept-language")),
        zone: await zone(),
        to,
        messages: to === null ? [] : await shownTo(to),
      };
      return new Response(messagesPage(scene), { headers: pageHeaders });
    },
  };
}
