/** Messages to travellers of a platform that is practised with: a page shows them instead of their being sent. */
import type { SandboxMessages } from "@chepiao/adapters/sandbox-messages";
import { port } from "@chepiao/ports/port";
import { defineRoom } from "@chepiao/room";

/** Null where messages are not shown. */
export const practiceMessagesPort = port<SandboxMessages | null>("practice messages");

export const messagesRoom = defineRoom({
  name: "messages",
  about: "shows messages to travellers where nothing is sent",
  pages: ["/sandbox/messages/*"],
  keys: { pages: ["sealing", "fingerprint"] },
  needs: { messages: practiceMessagesPort },
  open: ({ ports: { messages } }) => ({ pages: async (request: Request) => (await messages?.fetch(request)) ?? null }),
});
