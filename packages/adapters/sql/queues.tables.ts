/** The tables of queues; see migrations/0049-queues.ts. */
export type QueueTables = {
  /** `rules` is JSON: whom it lets in, and for how long; what it is and when stands beside it. */
  t_queue: {
    queue_id: string;
    scope: string;
    collect_time: number;
    open_time: number;
    end_time: number;
    ended_time: number | null;
    rules: string;
    seed: string;
    taken: number;
    served: number;
    root: string | null;
    drawn: number | null;
  };
  /** Lots in the order in which they were drawn, by blanks. */
  t_queue_draw: { queue_id: string; page: number; lots: string };
};
