/** Counts for the first page of whoever runs the platform. */
import { port } from "@chepiao/ports/port";
import { createMemoryOperationsCounts } from "./operationsCounts.memory.ts";
import type { OperationsCounts } from "./operationsCounts.ts";

export { createMemoryOperationsCounts, type SaidCounts } from "./operationsCounts.memory.ts";
export { type Counted, type OperationsCounts, type OrdersInState } from "./operationsCounts.ts";

export const operationsCountsPort = port<OperationsCounts>("operations counts", () => createMemoryOperationsCounts());
