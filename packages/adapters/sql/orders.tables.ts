/** Columns of the order tables; see migrations/0004-order.ts and 0015-order-lines.ts. */
export type OrderTables = {
  t_order: {
    id: number;
    order_no: string;
    slot: number;
    user_id: number;
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
    seat_type: number;
    line_count: number;
    policy_version: number;
    /** By which the hold of its only line is known; see migrations/0026-waitlist.ts. */
    hold_line: number;
    passenger_count: number;
    together: number;
    preferences_unmet: number;
    total_price: number;
    order_status: number;
    ended_because: string | null;
    payment_no: string | null;
    pay_time: number | null;
    expire_time: number;
    idempotency_key: string;
    request_hash: string;
    create_time: number;
    update_time: number;
    version: number;
    /** What its tickets stand in place of, as JSON; see migrations/0039-change.ts. */
    replaces: string | null;
  };
  t_order_detail: {
    order_id: number;
    ticket_index: number;
    line_index: number;
    slot: number;
    ticket_no: string;
    passenger_id: number;
    passenger_name: string;
    document_type: number;
    document_sealed: string;
    document_hash: string;
    document_masked: string;
    /** 0 where nobody has said that the name belongs to the document. */
    document_proved: number;
    passenger_type: number;
    coach_no: number;
    seat_index: number;
    seat_number: string;
    ticket_price: number;
    ticket_status: number;
    refund_fee: number | null;
    refund_amount: number | null;
    /** The id of the order with the ticket that is valid in its place. */
    replaced_by: number | null;
    /** Where gates let its passenger in and out, as JSON; see migrations/0044-passages.ts. */
    passages: string | null;
    /** Who travels free with its passenger, as JSON; see migrations/0053-free-children.ts. */
    free_child: string | null;
  };
  t_order_line: {
    order_id: number;
    line_index: number;
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
    seat_type: number;
    together: number;
    preferences_unmet: number;
  };
  t_seat_ledger: {
    run_id: string;
    seat_type: number;
    seat_index: number;
    taken0: number;
    taken1: number;
    taken2: number;
    taken3: number;
  };
  /** Trips that count, see migrations/0013-trips.ts. */
  t_document_trip: {
    document_key: string;
    ticket_no: string;
    order_id: number;
    user_id: number;
    run_id: string;
    boarding_date: string;
    departure_time: number;
    arrival_time: number;
  };
  /** See migrations/0052-student-trips.ts. */
  t_student_trip: { document_key: string; year_from: string; ticket_no: string; order_id: number };
  t_account_run: { run_id: string; user_id: number; ticket_count: number };
  /** Orders on runs that do not run, see migrations/0041-run-refunds.ts. */
  t_run_refund: {
    run_id: string;
    order_id: number;
    slot: number;
    ticket_count: number;
    amount: number;
    why: string | null;
    update_time: number;
  };
  /** Orders given back by mistake, see migrations/0040-mistake-refunds.ts. */
  t_mistake_refund: { slot: number; user_id: number; refund_date: string; nth: number; order_id: number };
};
