/** The table of notifications; see migrations/0057-notifications.ts. */
export type NotificationTables = {
  t_notification: {
    notification_id: string;
    user_id: number;
    slot: number;
    kind: number;
    /** JSON: what goes into its words. */
    facts: string;
    event_time: number;
    read_time: number | null;
  };
};
