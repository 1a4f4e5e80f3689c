/** Quotas by origin and destination, as operators have set them. */
import { port } from "@chepiao/ports/port";
import { createMemoryQuotaStore } from "./quotaStore.memory.ts";
import type { QuotaStore } from "./quotaStore.ts";

export { createMemoryQuotaStore } from "./quotaStore.memory.ts";
export {
  type ClassQuotas,
  type QuotaPage,
  quotaPage,
  type QuotaPlace,
  quotasPerPageMax,
  type QuotaStore,
  type StationQuota,
} from "./quotaStore.ts";

export const quotaStorePort = port<QuotaStore>("quotas", () => createMemoryQuotaStore());
