export type { SeatStore } from "./seatStore.ts";
export { createMemorySeatStore } from "./seatStore.memory.ts";
