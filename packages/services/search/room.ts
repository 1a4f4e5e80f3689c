/** The search room, as it declares itself. */
import { inventoryClient, searchRoutes, timetableClient } from "@chepiao/contracts";
import { defineRoom } from "@chepiao/room";
import { createSearch } from "./index.ts";

export const searchRoom = defineRoom({
  name: "search",
  about: "stations, trains with their stock",
  routes: searchRoutes,
  asks: { inventory: inventoryClient, timetable: timetableClient },
  open: ({ clock, rooms: { inventory, timetable } }) => ({
    handlers: createSearch({
      clock,
      inventory,
      timetable: () => timetable.timetable,
      saleOpensAt: timetable.saleOpensAt,
    }),
  }),
});
