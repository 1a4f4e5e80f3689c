import { port } from "@chepiao/ports/port";
import type { Leases } from "./lease.ts";

export { type Election, type ElectionDeps, elect } from "./election.ts";
export type { Lease, Leases } from "./lease.ts";
export { createMemoryLeases } from "./lease.memory.ts";

export const leasesPort = port<Leases>("leases");
