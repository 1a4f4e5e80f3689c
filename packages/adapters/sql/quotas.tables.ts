/** The tables of quotas; see migrations/0027-quotas.ts. */
export type QuotaTables = {
  /** One row a change, so that its key settles who was quicker. */
  t_quota_change: { version: number };
  /** One row a run and class; `quotas` is JSON: `[from stations, to stations, [since, seats] of each limit]` each, null for any. */
  t_quota: { run_id: string; seat_type: number; origin_date: string; version: number; quotas: string };
};
