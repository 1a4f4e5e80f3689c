/** The tables of what became of runs; see migrations 0023 and 0045. */
export type RunStateTables = {
  t_run_source: { source: string; version: number; said_at: number; stale_at: number };
  /** `stops` is JSON: `[stop, late arrival, late departure, 1 where it is skipped]` each, in seconds. */
  t_run_state: { source: string; run_id: string; is_cancelled: number; stops: string };
  /** That a source says, or said, that a run does not run. `skipped` is JSON, null for the whole run; `ended_at` null while it is said. */
  t_run_cancellation: {
    source: string;
    run_id: string;
    said_since: number;
    origin_date: string;
    ended_at: number | null;
    skipped: string | null;
  };
  /** `notice` is JSON. */
  t_run_notice: { source: string; notice_index: number; notice: string };
};
