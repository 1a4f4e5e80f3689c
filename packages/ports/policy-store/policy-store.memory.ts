import type { PolicyVersion } from "@chepiao/contracts";
import type { PolicyStore } from "./policy-store.ts";

export function createMemoryPolicyStore(): PolicyStore {
  const versions: PolicyVersion[] = [];
  return {
    all: async () => [...versions],
    async add(after, from, policy) {
      if (versions.length !== after) return null;
      const added = { version: after + 1, from, policy };
      versions.push(added);
      return added;
    },
  };
}
