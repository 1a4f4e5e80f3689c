/** The words of the trade: every closed list that crosses a boundary, its spelling in JSON and its number in SQL. */
import Type, { type Static, type TUnsafe } from "typebox";

/** A union of string literals. TypeBox can only type unions whose length it sees, so the type is said here. */
const oneOf = <const T extends string>(words: readonly T[], description: string) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    { description },
  ) as unknown as TUnsafe<T>;

export const seatClasses = [
  "business",
  "first",
  "second",
  "softSleeper",
  "hardSleeper",
  "hardSeat",
  "standing",
] as const;
export const SeatClass = oneOf(seatClasses, "Class of accommodation; `standing` is a place without a seat.");
export type SeatClass = (typeof seatClasses)[number];

/** Where a place is in its row or compartment: what a passenger may ask for. */
export const seatKinds = ["window", "middle", "aisle", "lower", "middleBerth", "upper", "none"] as const;
export type SeatKind = (typeof seatKinds)[number];

export const seatPreferences = ["window", "aisle", "A", "B", "C", "D", "F", "lower", "middleBerth", "upper"] as const;
export const SeatPreference = oneOf(
  seatPreferences,
  "A wish for one passenger: by the window or aisle, a seat letter, or a berth level.",
);
export type SeatPreference = (typeof seatPreferences)[number];

/** How close the party sits, best first. */
export const togetherness = ["adjacent", "row", "coach", "split"] as const;
export const Togetherness = oneOf(
  togetherness,
  "`adjacent` side by side, `row` in one row or compartment, `coach` in one coach, `split` over several coaches.",
);
export type Togetherness = (typeof togetherness)[number];

export const trainTypes = ["highSpeed", "emu", "intercity", "express", "fast", "ordinary"] as const;
export const TrainType = oneOf(trainTypes, "G highSpeed, D emu, C intercity; Z/T express, K fast, the rest ordinary.");
export type TrainType = (typeof trainTypes)[number];

/** The document types that 12306 accepts. */
export const documentTypes = [
  "residentId",
  "foreignPermanentResidentId",
  "hkMacaoResidencePermit",
  "taiwanResidencePermit",
  "hkMacaoTravelPermit",
  "taiwanTravelPermit",
  "passport",
] as const;
export const DocumentType = oneOf(documentTypes, "Kind of identity document.");
export type DocumentType = (typeof documentTypes)[number];

export const ticketTypes = ["adult", "child", "student", "disabledVeteran"] as const;
export const TicketType = oneOf(ticketTypes, "Fare category of a passenger.");
export type TicketType = (typeof ticketTypes)[number];

export const roles = ["passenger", "operator", "admin"] as const;
export const Role = oneOf(roles, "What an account may do; each role includes the ones before it.");
export type Role = (typeof roles)[number];

/**
 * States of an order. `accepted` lives in the log only: it is what `202` promises. SQL numbers follow the document
 * (0 pending payment … 5 refunded) with ours behind them.
 */
export const orderStates = [
  "pendingPayment",
  "paid",
  "ticketed",
  "completed",
  "cancelled",
  "refunded",
  "accepted",
  "rejected",
  "expired",
] as const;
export const OrderState = oneOf(
  orderStates,
  "`accepted` being decided, `pendingPayment` seats held, `paid` money in, `ticketed`, `completed` travelled, `refunded` all " +
    "tickets given back; `cancelled`, `expired` and `rejected` ended without a ticket.",
);
export type OrderState = (typeof orderStates)[number];

export const ticketStates = ["held", "issued", "refunding", "refunded", "released", "used"] as const;
export const TicketState = oneOf(
  ticketStates,
  "`held` until paid, `issued` valid for travel, `refunding` given back and money on its way, `refunded`, `released` never issued, `used`.",
);
export type TicketState = (typeof ticketStates)[number];

export const paymentStates = ["created", "captured", "closed"] as const;
export const PaymentState = oneOf(
  paymentStates,
  "`created` waits for the payer, `captured` money arrived, `closed` ended unpaid.",
);
export type PaymentState = (typeof paymentStates)[number];

export const refundStates = ["due", "settled"] as const;
export const RefundState = oneOf(
  refundStates,
  "`due` will be tried until it succeeds, `settled` the payer has it back.",
);
export type RefundState = (typeof refundStates)[number];

/** Words are stored in SQL by their place in the list: a list only ever grows at its end. */
export const codeOf = <T extends string>(words: readonly T[], word: T): number => words.indexOf(word);
export function wordOf<T extends string>(words: readonly T[], code: number): T {
  const word = words[code];
  if (word === undefined) throw new RangeError(`no word has the code ${code} in [${words.join(", ")}]`);
  return word;
}

// Plain shapes used everywhere
export const FenAmount = Type.Integer({ description: "Amount in fen (1/100 yuan)." });
/** `format` refuses days that do not exist, which a pattern alone would let through. */
export const DateText = Type.String({ format: "date", description: "Calendar day that exists, `YYYY-MM-DD`." });
export const Instant = Type.String({ format: "date-time", description: "Instant with its offset, RFC 3339." });
export const OrderNoText = Type.String({ pattern: "^E\\d{17}$", description: "Order number." });
export const StationId = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "Station id, as in the imported feed.",
});
export const TrainNumber = Type.String({
  minLength: 1,
  maxLength: 20,
  pattern: "^[^/\\s]+$",
  description: "Train number as printed, e.g. `G1`.",
});
export type { Static };
