/** Cases: differences that reconciliation has found, and what became of them. */
import { port } from "@chepiao/ports/port";
import { createMemoryReconciliationStore } from "./reconciliationStore.memory.ts";
import type { ReconciliationStore } from "./reconciliationStore.ts";

export { createMemoryReconciliationStore } from "./reconciliationStore.memory.ts";
export {
  type CaseFacts,
  type CaseKind,
  caseKinds,
  caseReasonLengthMax,
  type CaseState,
  caseStates,
  type ReconciliationCase,
  type ReconciliationStore,
  type RunReport,
  type Scope,
} from "./reconciliationStore.ts";

export const reconciliationStorePort = port<ReconciliationStore>("reconciliation", () =>
  createMemoryReconciliationStore(),
);
