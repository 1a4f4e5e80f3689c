/** The tables of what became of runs; see migration 0023. */
export type RunStateTables = {
  t_run_source: { source: string; version: number; said_at: number; stale_at: number };
  /** `stops` is JSON: `[stop, late arrival, late departure, 1 where it is skipped]` each, in seconds. */
  t_run_state: { source: string; run_id: string; is_cancelled: number; stops: string };
  /** `notice` is JSON. */
  t_run_notice: { source: string; notice_index: number; notice: string };
};
