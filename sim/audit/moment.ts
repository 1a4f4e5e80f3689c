/** When an auditor looks: the later, the more must be true. */
export type Moment =
  /** Nothing is under way. */
  | "rest"
  /** Nor is anything waited for: holds of purchases that never came to anything have ended, refunds are through. */
  | "settled"
  /** All trains have arrived. */
  | "over";
