/** How busy the processes are that sell. */
import { port } from "@chepiao/ports/port";
import { createMemoryPurchaseLoad } from "./purchaseLoad.memory.ts";
import type { PurchaseLoad } from "./purchaseLoad.ts";

export { createMemoryPurchaseLoad } from "./purchaseLoad.memory.ts";
export { loadFreshMs, type ProcessLoad, type PurchaseLoad } from "./purchaseLoad.ts";

export const purchaseLoadPort = port<PurchaseLoad>("load of purchases", () => createMemoryPurchaseLoad());
