/** The tables of notifications; see migrations/0057-notifications.ts and 0061-notification-preferences.ts. */
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
  t_notification_preference: {
    user_id: number;
    slot: number;
    /** JSON: the whole of what was chosen. */
    preferences: string;
    update_time: number;
  };
};
