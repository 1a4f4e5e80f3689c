/** The table of deliveries; see migrations/0060-deliveries.ts. */
export type DeliveryTables = {
  t_delivery: {
    user_id: number;
    notification_id: string;
    channel: number;
    slot: number;
    kind: number;
    /** JSON: what goes into its words. */
    facts: string;
    event_time: number;
    state: number;
    tries: number;
    /** Of one that has ended, when it did. */
    due_time: number;
    last_error: string | null;
    /** Of the last try: who has it. */
    claim: string | null;
  };
};
