export { createCompactOrderKeys } from "./orderKeys.ts";
export { createCompactReservations } from "./reservations.ts";
