/** Versions and minutes in one process, for worlds that may forget them with it. */
import type { GatewayRulesVersion, GatewayUsage } from "@chepiao/contracts";
import type { GatewayStore } from "./gatewayStore.ts";

export function createMemoryGatewayStore(): GatewayStore {
  const versions: GatewayRulesVersion[] = [];
  let usages: GatewayUsage[] = [];
  return {
    newest: async () => versions.at(-1) ?? null,
    find: async (version) => versions[version - 1] ?? null,
    latest: async (limit) => versions.toReversed().slice(0, limit),
    async add(added) {
      if (added.version !== versions.length + 1) return false;
      versions.push(added);
      return true;
    },
    async addUsage(usage, forgetBefore) {
      usages = usages.filter(({ minute }) => minute >= forgetBefore);
      if (!usages.some(({ minute, source }) => minute === usage.minute && source === usage.source)) usages.push(usage);
    },
    usageSince: async (since) =>
      usages
        .filter(({ minute }) => minute >= since)
        .toSorted((a, b) => a.minute - b.minute || (a.source < b.source ? -1 : 1)),
  };
}
