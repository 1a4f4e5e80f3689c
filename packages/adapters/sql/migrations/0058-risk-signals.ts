/** With what was measured when a decision was made, so that other rules can be tried on it (docs/decisions/0076). Of older ones nobody knows. */
import type { Migration } from "kysely/migration";
import { addColumn } from "./table.ts";

export const riskSignals: Migration = {
  up: (db) => addColumn(db, "t_risk_decision", "signals", "text null"),
};
