/** Rules of the gateway, and what it had to do. */
import { port } from "@chepiao/ports/port";
import { createMemoryGatewayStore } from "./gatewayStore.memory.ts";
import type { GatewayStore } from "./gatewayStore.ts";

export { createMemoryGatewayStore } from "./gatewayStore.memory.ts";
export { type GatewayStore, usageKeptMinutes } from "./gatewayStore.ts";

export const gatewayStorePort = port<GatewayStore>("gateway rules", () => createMemoryGatewayStore());
