/** Orders as they are stored, and their read side. */
import { port } from "@chepiao/ports/port";
import type { OrdersOfRuns, OrderStore } from "./orderStore.ts";

export {
  addedTo,
  endedByRailway,
  enteredAt,
  erasedText,
  hasGone,
  hasSeatsOn,
  isNotRun,
  isTripState,
  type KeyedOrder,
  type KnownOrder,
  type LiveLine,
  type LiveOrder,
  liveOrderOf,
  unpaidStates,
  type LiveTicket,
  liveTicketStates,
  type MistakeRefund,
  type OrderChange,
  type OrderPage,
  type OrderRecord,
  type OrdersOfRuns,
  type RunRefund,
  type RunRefundResult,
  type OrderStore,
  type Passage,
  type Passages,
  seatHoldingStates,
  type StudentTrip,
  type StudentYear,
  type TicketRecord,
  tripStates,
  useDueOf,
  type Written,
} from "./orderStore.ts";
export { endedTripsOf, firstRecord, tripClaimsOf } from "./claim.ts";
export {
  daysOfYear,
  endedStudentTripsOf,
  inSomeSchoolYear,
  schoolYearEnds,
  schoolYearOf,
  studentRefusal,
  studentTripsOf,
} from "./studentTrips.ts";
export { createMemoryOrderStore, type MemoryOrderStore } from "./orderStore.memory.ts";

export const orderStorePort = port<OrderStore>("orders");
/** Null where nothing that was answered can be lost, so that nothing has to be repaired. */
export const ordersOfRunsPort = port<OrdersOfRuns | null>("orders of runs");
