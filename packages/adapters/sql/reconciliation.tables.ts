/** The tables of reconciliation; see migrations/0064-reconciliation.ts. */
export type ReconciliationTables = {
  t_reconciliation_case: {
    case_id: string;
    kind: number;
    scope: string;
    subject: string;
    /** JSON. */
    facts: string;
    state: number;
    version: number;
    first_seen: number;
    last_seen: number;
    end_time: number | null;
    reason: string | null;
  };
  t_reconciliation_run: {
    run_no: string;
    scope: string;
    end_time: number;
    /** JSON. */
    report: string;
  };
};
