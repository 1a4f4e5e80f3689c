/** The smallest word of load: that of one process. */
import type { EpochMs } from "@chepiao/kernel";
import { loadFreshMs, type ProcessLoad, type PurchaseLoad } from "./purchaseLoad.ts";

export function createMemoryPurchaseLoad(): PurchaseLoad {
  const said = new Map<string, { readonly load: ProcessLoad; readonly at: EpochMs }>();
  return {
    async note(process, load, now) {
      said.set(process, { load, at: now });
    },
    async recent(now) {
      for (const [process, { at }] of said) if (now - at >= loadFreshMs) said.delete(process);
      return [...said.values()].map(({ load }) => load);
    },
  };
}
