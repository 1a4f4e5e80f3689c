export type { Claim, Reservations, Trip } from "./reservations.ts";
export { createMemoryReservations } from "./reservations.memory.ts";
