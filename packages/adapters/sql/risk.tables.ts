/** The tables of risk; see migrations/0054-risk.ts and 0065-risk-appeals.ts. */
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
  /** `outcome` by the place in `appealOutcomes`. */
  t_risk_appeal: {
    block_id: string;
    user_id: number;
    text: string;
    create_time: number;
    outcome: number;
    answer: string | null;
    end_time: number | null;
  };
};
