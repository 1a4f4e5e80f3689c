export {
  type KeyedOrder,
  type LiveOrder,
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
