/** Notifications on their way to people. */
import { port } from "@chepiao/ports/port";
import type { Deliveries } from "./deliveries.ts";
import { createMemoryDeliveries } from "./deliveries.memory.ts";

export { createMemoryDeliveries, type MemoryDeliveries } from "./deliveries.memory.ts";
export {
  type Deliveries,
  type Delivery,
  type DeliveryEnd,
  type DeliveryKey,
  type DeliveryOutcome,
  type DeliverySearch,
  type DeliveryState,
  deliveryStates,
  type NewDelivery,
  type WaitingDelivery,
} from "./deliveries.ts";

export const deliveriesPort = port<Deliveries>("deliveries", () => createMemoryDeliveries());
