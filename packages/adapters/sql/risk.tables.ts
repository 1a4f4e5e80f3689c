/** The tables of risk; see migrations/0054-risk.ts. */
export type RiskTables = {
  t_risk_block: {
    subject: string;
    block_id: string;
    reason: string;
    start_time: number;
    end_time: number | null;
  };
  /** JSON: `reasons` are signals that counted, with their values and points; `signals` all that were measured, where they are known. */
  t_risk_decision: {
    user_id: number;
    decision_time: number;
    mode: string;
    decided: string;
    points: number;
    reasons: string;
    signals: string | null;
  };
};
