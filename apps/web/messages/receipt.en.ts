/** Itinerary receipts. */
import type { ReceiptMessages } from "./receipt.zh.ts";

export const receiptEn: ReceiptMessages = {
  title: "Itinerary receipt",
  toOrder: "Back to the order",
  print: "Print",
  data: "Download as data",
  buyer: "Buyer",
  payment: "Payment",
  paidAt: "Paid",
  printedAt: "Issued",
  paid: "Paid",
  carriedIn: "From the payment of the old tickets",
  fare: "Fare",
  fee: "Fee",
  refund: "Returned",
  carried: "Paid for the new ticket",
  spent: "Cost of travel",
  seat: "Seat",
  total: "Total",
  replaces: (orderNo) => `Changed from order ${orderNo}`,
  replacedBy: (orderNo) => `Changed to order ${orderNo}`,
  note: "This is a statement of trips and costs, and not an invoice.",
  unknown: "There is no such order, or it belongs to another account.",
};
