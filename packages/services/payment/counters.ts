/** What happened since the start, as plain numbers; the metrics read them. */
export type PaymentCounters = {
  opened: number;
  captured: number;
  /** Trades that pay for nothing and go back. */
  surplus: number;
  noticesRepeated: number;
  noticesRefused: number;
  queries: number;
  queryFailures: number;
  foundByQuery: number;
  refundsAsked: number;
  /** Refunds that name money which is not there: a person must look. */
  refundsImpossible: number;
  refundsPending: number;
  refundFailures: number;
  refundsSettled: number;
};

export const createCounters = (): PaymentCounters => ({
  opened: 0,
  captured: 0,
  surplus: 0,
  noticesRepeated: 0,
  noticesRefused: 0,
  queries: 0,
  queryFailures: 0,
  foundByQuery: 0,
  refundsAsked: 0,
  refundsImpossible: 0,
  refundsPending: 0,
  refundFailures: 0,
  refundsSettled: 0,
});
