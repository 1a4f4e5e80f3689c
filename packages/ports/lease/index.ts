export { type Election, type ElectionDeps, standFor } from "./election.ts";
export type { Lease, Leases } from "./lease.ts";
export { createMemoryLeases } from "./lease.memory.ts";
