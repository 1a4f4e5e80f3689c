/** What stands on and beside a ticket, in English. */
import type { TicketMessages } from "./ticket.zh.ts";

export const ticketEn: TicketMessages = {
  wayBack: "Book the way back",
  toStaff: "Show to staff",
  staffAsk: "Hello, please help me find my train and my seat. Thank you!",
  steps: "When the fee changes",
  rulesNow: (text) => `Refunds: ${text}`,
  rulesNote: "Of the fare of each ticket. The exact amount is shown again before you confirm a refund.",
  stepUntil: (at, fee) => `Until ${at}: ${fee}`,
  calendar: "Add to calendar",
  share: "Share the trip",
  copied: "Copied",
  enlarge: "Tap to enlarge",
  showAtGate: (isStudent) =>
    isStudent
      ? "Have the student card ready: it is checked at the gate."
      : "Have the papers that entitle to this fare ready: they are checked at the gate.",
  title: "Ticket",
  tickets: "Tickets",
  code: "Boarding code",
  codeAlt: (name) => `Ticket code of ${name}`,
  print: "Print tickets",
  states: {
    held: "Seat held",
    issued: "Valid",
    refunding: "Refund on its way",
    refunded: "Refunded",
    released: "Released",
    used: "Used",
    changed: "Changed",
  },
  entered: (time) => `Entered at ${time}`,
  left: (time) => `Left at ${time}`,
  refund: "Refund",
  refundTitle: "Refund tickets",
  refundChoose: "Choose tickets to refund",
  fee: "Fee",
  noFee: "No fee",
  feeRate: (percent) => `Fee ${percent}%`,
  back: "You get back",
  until: (time) => `until ${time}`,
  notRefundable: "Cannot be refunded",
  refundConfirm: (price) => `Refund and get back ${price}`,
  refunding: "Refunding…",
  childLeft:
    "The child's ticket is not refunded with it, and a child does not travel alone: refund it, too, or have an adult go along.",
  freeChildGoes: (name) => `${name} travels free on this ticket and goes with it.`,
  refundNote: "Refunded to your original payment method. The seat is released at once; this cannot be undone.",
  feeRose: "The fee has just changed. Please look again.",
  refunded: (fee, back) => `Fee ${fee}, returned ${back}`,
};
