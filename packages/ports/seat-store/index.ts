import { port } from "@chepiao/ports/port";
import type { SeatStore } from "./seatStore.ts";

export type { KnownHold, HoldsView, SeatStore, SurplusSeats, Waitlists } from "./seatStore.ts";
export { createMemorySeatStore } from "./seatStore.memory.ts";

export const seatStorePort = port<SeatStore>("seats");
