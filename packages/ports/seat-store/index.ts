export type { KnownHold, SeatBooks, SeatStore } from "./seatStore.ts";
export { createMemorySeatStore } from "./seatStore.memory.ts";
