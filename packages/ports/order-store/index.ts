export {
  isTripState,
  type KeyedOrder,
  type LiveOrder,
  liveOrderOf,
  type LiveTicket,
  liveTicketStates,
  type OrderChange,
  type OrderPage,
  type OrderRecord,
  type OrdersOfRuns,
  type OrderStore,
  seatHoldingStates,
  type TicketRecord,
  tripStates,
  type Written,
} from "./orderStore.ts";
export { createMemoryOrderStore, firstRecord } from "./orderStore.memory.ts";
