/** The room of ticket keys, as it declares itself. */
import { ticketKeyRoutes } from "@chepiao/contracts";
import { defineRoom } from "@chepiao/room";
import { createTicketKeys } from "./index.ts";

export const ticketKeysRoom = defineRoom({
  name: "ticketKeys",
  about: "the keys that check ticket codes",
  routes: ticketKeyRoutes,
  keys: { routes: ["publicKeys"] },
  open: ({ vault }) => ({ handlers: createTicketKeys(vault) }),
});
