/** The rows of the payment room: what was asked for, what arrived, what goes back. */
export type PaymentRecord = {
  payment_no: string;
  /** Of a waitlist entry: of the order that it becomes. */
  order_no: string;
  /** What is paid for; see migrations/0026-waitlist.ts. */
  purpose: number;
  slot: number;
  run_id: string;
  user_id: number;
  channel: string;
  amount_fen: number;
  state: number;
  /** Rises with every change of its money; see migrations/0010-payment-version.ts. */
  version: number;
  pay_by: number;
  pay_url: string | null;
  /** When the provider is asked next; null when it has been asked long enough. */
  next_look: number | null;
  create_time: number;
  update_time: number;
};
export type TradeRecord = {
  channel: string;
  trade_no: string;
  payment_no: string;
  order_no: string;
  slot: number;
  amount_fen: number;
  /** 1 pays the order, 0 goes back whole. */
  pays_order: number;
  paid_at: number;
  create_time: number;
};
export type RefundRecord = {
  refund_no: string;
  payment_no: string;
  order_no: string;
  slot: number;
  run_id: string;
  channel: string;
  trade_no: string;
  ticket_no: string | null;
  amount_fen: number;
  fee_fen: number;
  reason: number;
  state: number;
  attempts: number;
  next_try: number;
  create_time: number;
  update_time: number;
};
export type PaymentTables = { t_payment: PaymentRecord; t_payment_trade: TradeRecord; t_payment_refund: RefundRecord };
