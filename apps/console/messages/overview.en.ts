/** The first page in English. */
import type { overviewZh } from "./overview.zh.ts";

export const overviewEn: typeof overviewZh = {
  matters: {
    deadLetters: "Dead letters",
    outbox: "Messages in the outbox",
    failedRefunds: "Refunds that failed",
    reconciliationCases: "Reconciliation cases",
    cancelledRuns: "Cancelled runs with orders left",
    appeals: "Appeals that wait",
    failedMails: "Mails that failed (three days)",
  },
  states: {
    accepted: "accepted",
    pendingPayment: "pending payment",
    paid: "paid",
    ticketed: "ticketed",
    completed: "completed",
    cancelled: "cancelled",
    expired: "expired",
    refunded: "refunded",
    rejected: "rejected",
    changed: "changed",
  },
  needs: "Needs an act",
  nothing: "Nothing needs an act",
  unknown: "cannot be counted now",
  since: "since ",
  today: "Today",
  state: "State",
  orders: "Orders",
  tickets: "Tickets",
  captured: "Captured",
  refunded: "Refunded",
  waiting: "In the waitlist",
  asOf: "Counted at ",
};
