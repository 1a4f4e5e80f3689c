/** Columns of the waitlist's tables; see migrations/0026-waitlist.ts, 0029-waitlist-outcomes.ts and 0037-added-trains.ts. */
export type WaitlistTables = {
  t_waitlist_order: {
    /** That of the order which it becomes. */
    id: number;
    waitlist_no: string;
    slot: number;
    user_id: number;
    status: number;
    /** Which of the account's entries that have not ended it is, from 0; null once it has. Unique, so that there are never too many. */
    pending_no: number | null;
    version: number;
    /** JSON: passenger ids with their ticket types. */
    passengers: string;
    accepts_standing: number;
    deadline_minutes: number;
    /** By which it was opened, and when it ends by that; see migrations/0028-waitlist-policy.ts. */
    policy_version: number;
    end_by: number | null;
    prepay_fen: number;
    prepay_by: number;
    payment_no: string | null;
    captured_at: number | null;
    captured_mac: string | null;
    place: number | null;
    granted_choice: number | null;
    granted_type: number | null;
    grant_count: number;
    idempotency_key: string;
    request_hash: string;
    ended_because: string | null;
    end_time: number | null;
    /** When time will change it. */
    next_time: number | null;
    create_time: number;
    update_time: number;
    /** JSON: which added trains it accepts; null for none. */
    added_trains: string | null;
    /** The last day on which it accepts one; null once it has ended. */
    added_until: string | null;
  };
  t_waitlist_item: {
    entry_id: number;
    choice: number;
    slot: number;
    run_id: string;
    train_number: string;
    origin_date: string;
    boarding_date: string;
    from_stop: number;
    to_stop: number;
    departure_station: string;
    arrival_station: string;
    departure_name: string;
    arrival_name: string;
    departure_time: number;
    arrival_time: number;
    /** Codes in order of preference, separated by commas. */
    seat_types: string;
    ended_because: string | null;
    end_time: number | null;
    /** 1 while its entry waits, or is being served, and may be served by it. */
    waits: number;
    /** Null of those that the entry has named itself. */
    added_time: number | null;
  };
  t_waitlist_release: {
    run_id: string;
    release_time: number;
    seat_type: number;
    from_stop: number;
    to_stop: number;
    first_seat: number;
    slot: number;
    seat_count: number;
    /** JSON: ids of the entries that were served in the same step. */
    grants: string;
  };
  t_waitlist_outcome: {
    run_id: string;
    slot: number;
    origin_date: string;
    /** JSON: `releases` and `waits` of its outcomes. */
    counts: string;
    create_time: number;
  };
  t_waitlist_stop: { run_id: string; slot: number; create_time: number };
};
