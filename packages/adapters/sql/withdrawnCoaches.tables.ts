/** The tables of withdrawn coaches; see migrations/0050-withdrawn-coaches.ts. */
export type WithdrawnCoachTables = {
  /** One row a change, so that its key settles who was quicker. */
  t_withdrawn_coach_change: { version: number };
  /**
   * One row a run; `coaches` is JSON, in order: the number of each, or `{ no, since }` of one that is lost. `exchange` is JSON, see
   * migrations/0056-exchanges.ts; null where the train is what it was planned to be.
   */
  t_withdrawn_coach: { run_id: string; origin_date: string; coaches: string; exchange: string | null };
  /** One row for each order with tickets in lost coaches; `tickets` is JSON, see migrations/0055-run-reseats.ts. */
  t_run_reseat: {
    run_id: string;
    order_id: number;
    origin_date: string;
    tickets: string;
    why: string | null;
    update_time: number;
  };
};
