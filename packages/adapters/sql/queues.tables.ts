/** The tables of queues; see migrations/0049-queues.ts and 0051-queue-lots.ts. */
export type QueueTables = {
  /**
   * `rules` is JSON: whom it lets in, and for how long; what it is and when stands beside it. `seed` is empty until the
   * draw is made.
   */
  t_queue: {
    queue_id: string;
    scope: string;
    collect_time: number;
    open_time: number;
    end_time: number;
    ended_time: number | null;
    rules: string;
    seed: string;
    seed_hash: string;
    chance_from: string | null;
    chance: string | null;
    lots: number;
    taken: number;
    served: number;
    root: string | null;
    root_time: number | null;
    drawn: number | null;
  };
  /** Lots in the order in which they were drawn, by blanks. */
  t_queue_draw: { queue_id: string; page: number; lots: string };
  /** Lots that were taken before the opening, where the counters are in memory. */
  t_queue_taken: { queue_id: string; lot: string; user_id: number };
  /** The lots that have this root, in the order of their letters, by blanks. */
  t_queue_list: { queue_id: string; root: string; page: number; lots: string };
};
