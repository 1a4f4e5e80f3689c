/** The versions of the railway's policy. */
import { port } from "@chepiao/ports/port";
import { createMemoryPolicyStore } from "./policy-store.memory.ts";
import type { PolicyStore } from "./policy-store.ts";

export { createMemoryPolicyStore } from "./policy-store.memory.ts";
export type { PolicyStore } from "./policy-store.ts";

export const policyStorePort = port<PolicyStore>("policies", () => createMemoryPolicyStore());
