/** The words of the trade: every closed list that crosses a boundary, its spelling in JSON and its number in SQL. */
import Type, { type Static, type TUnsafe } from "typebox";

/** A union of string literals. TypeBox can only type unions whose length it sees, so the type is said here. */
export const oneOf = <const T extends string>(words: readonly T[], description: string) =>
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

/** Which road a purchase comes by: what is kept back from one may be sold to another. */
export const saleChannels = ["public", "waitlist", "change", "reseat"] as const;
export const SaleChannel = oneOf(
  saleChannels,
  "`public` anybody, `waitlist` an entry that is served, `change` a ticket that becomes another, `reseat` one whose seat the train has lost.",
);
export type SaleChannel = (typeof saleChannels)[number];

export const trainTypes = ["highSpeed", "emu", "intercity", "express", "fast", "ordinary"] as const;
export const TrainType = oneOf(trainTypes, "G highSpeed, D emu, C intercity; Z/T express, K fast, the rest ordinary.");
export type TrainType = (typeof trainTypes)[number];

/** Those that 12306 accepts, then others; which of them are taken is the railway's to say. */
export const documentTypes = [
  "residentId",
  "foreignPermanentResidentId",
  "hkMacaoResidencePermit",
  "taiwanResidencePermit",
  "hkMacaoTravelPermit",
  "taiwanTravelPermit",
  "passport",
  /** Of a railway elsewhere: its policy says what the number looks like. */
  "nationalId",
] as const;
export const DocumentType = oneOf(documentTypes, "Kind of identity document.");
export type DocumentType = (typeof documentTypes)[number];

export const ticketTypes = ["adult", "child", "student", "disabledVeteran"] as const;
export const TicketType = oneOf(ticketTypes, "Fare category of a passenger.");
export type TicketType = (typeof ticketTypes)[number];

/** `unavailable`: nobody who knows could be asked yet; it is asked again. `refused`: the name is not the one on the document. */
export const documentProofs = ["unproved", "proved", "refused", "unavailable"] as const;
export const DocumentProof = oneOf(documentProofs, "Whether name and document number are known to belong together.");
export type DocumentProof = (typeof documentProofs)[number];

/** SQL stores a role by its place: grows at its end only. */
export const roles = ["passenger", "operator", "admin", "finance", "gate", "auditor"] as const;
export const Role = oneOf(
  roles,
  "What an account may do beside buying: `passenger` nothing; the others are staff, each with its rights.",
);
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
  "changed",
] as const;
export const OrderState = oneOf(
  orderStates,
  "`accepted` being decided, `pendingPayment` seats held, `paid` money in, `ticketed`, `completed` travelled, `refunded` all " +
    "tickets given back, `changed` the last of them became tickets of another order; `cancelled`, `expired` and `rejected` ended without a ticket.",
);
export type OrderState = (typeof orderStates)[number];

/** What can happen to an order, and so why it came to be in its state. A consumer may meet new ones at the end of the list. */
export const orderCauses = [
  /** Its seats are in the ledger. */
  "seatsClaimed",
  /** One of its seats turned out to be another order's. */
  "seatsLost",
  "paid",
  "ticketed",
  /** By its owner. */
  "cancelled",
  /** The time to pay is over. */
  "expired",
  /** Some of its tickets were given back. */
  "partReturned",
  /** Its last tickets were given back. */
  "allReturned",
  /** The trip has ended. */
  "travelled",
  /** The payer has the money of a returned ticket back: a ticket changes, the order's own state does not. */
  "refundSettled",
  /** One of its passengers travels at that time already, or another purchase limit is reached, as was seen only when it was written. */
  "limitReached",
  /** Some of its tickets became those of another order. */
  "partChanged",
  /** The last of its tickets did. */
  "allChanged",
  /** The tickets that it was to replace were given back, used or changed before it was paid. */
  "replacedGone",
  /** A gate let one of its passengers in: a ticket changes, the order's own state does not. */
  "entered",
  /** A gate let one of its passengers out: the same. */
  "left",
  /** One of its trips has ended, and another has not: the same. */
  "partTravelled",
] as const;
export type OrderCause = (typeof orderCauses)[number];

/** What changes a ticket and leaves its order in its state. */
export const ticketCauses = [
  "refundSettled",
  "entered",
  "left",
  "partTravelled",
] as const satisfies readonly OrderCause[];
export type TicketCause = (typeof ticketCauses)[number];
export const isTicketCause = (cause: OrderCause): cause is TicketCause =>
  (ticketCauses as readonly OrderCause[]).includes(cause);

/** States of an entry of the waitlist, stored by place. */
export const waitlistStates = [
  "awaitingPrepayment",
  "waiting",
  "granted",
  "served",
  "expired",
  "cancelled",
  "failed",
] as const;
export const WaitlistState = oneOf(
  waitlistStates,
  "`awaitingPrepayment` has no place yet, `waiting` in the line, `granted` seats are its own and become an order, `served` it is " +
    "an order; `expired`, `cancelled` and `failed` (none of its trains can be had any more) ended without one, with all money back.",
);
export type WaitlistState = (typeof waitlistStates)[number];

/** What becomes other when a ticket is changed: the train, or where it goes. */
export const changeKinds = ["reschedule", "destination"] as const;
export const ChangeKind = oneOf(
  changeKinds,
  "`reschedule` another train or class on the same way, `destination` another way.",
);
export type ChangeKind = (typeof changeKinds)[number];

/** By which rule the fee of a change is what it is. */
export const changeRules = ["notLater", "grade", "afterDeparture", "destination", "runCancelled", "coachLost"] as const;
export const ChangeRule = oneOf(
  changeRules,
  "`notLater` to the ticket's day or one before it, `grade` by the time left until departure, `afterDeparture` to a later day once " +
    "the train has left, `destination` to another station, `runCancelled` from a train that does not run, `coachLost` from a coach without which the train runs, or a seat that it has not since it was exchanged for another.",
);
export type ChangeRule = (typeof changeRules)[number];

export const ticketStates = ["held", "issued", "refunding", "refunded", "released", "used", "changed"] as const;
export const TicketState = oneOf(
  ticketStates,
  "`held` until paid, `issued` valid for travel, `refunding` given back and money on its way, `refunded`, `released` never issued, `used`, " +
    "`changed` another ticket is valid in its place.",
);
export type TicketState = (typeof ticketStates)[number];

/** What a payment is for. Stored by place. */
export const paymentPurposes = ["order", "waitlist"] as const;
export type PaymentPurpose = (typeof paymentPurposes)[number];

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
export const FenAmount = Type.Integer({
  description: "Amount in minor units of the railway's currency: of the yuan fen, of the euro cents.",
});
/** `format` refuses days that do not exist, which a pattern alone would let through. */
export const DateText = Type.String({ format: "date", description: "Calendar day that exists, `YYYY-MM-DD`." });
export const Instant = Type.String({ format: "date-time", description: "Instant with its offset, RFC 3339." });
/** The pattern lets numbers pass that no order can have; `parseOrderNo` tells. */
export const OrderNoText = Type.String({ pattern: "^E\\d{17}$", description: "Order number." });
export const WaitlistNoText = Type.String({
  pattern: "^W\\d{17}$",
  description: "Number of an entry of the waitlist.",
});
/** Of what is paid for: an order, or an entry of the waitlist. */
export const PayableNoText = Type.String({
  pattern: "^[EW]\\d{17}$",
  description: "Number of an order or waitlist entry.",
});
/** Of an account, a passenger, an order: what a number holds exactly. */
export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
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

/** By which rule a ticket is given back at this moment, or why it cannot be. */
export const refundCharges = ["grade", "mistake", "changedFar", "festival", "runCancelled", "coachLost"] as const;
export type RefundCharge = (typeof refundCharges)[number];
export const refundBars = ["departed", "changedAfterDeparture", "notIssued", "entered"] as const;
export type RefundBar = (typeof refundBars)[number];
export const refundRules = [...refundCharges, ...refundBars] as const;
export const RefundRule = oneOf(
  refundRules,
  "`grade` by the time until departure, `mistake` free soon after payment, `changedFar` changed to a later train before, `festival` a changed ticket for a day on which everybody travels, `runCancelled` the train does not run, `coachLost` the train runs without its coach or seat; `departed`, `changedAfterDeparture`, `notIssued`, `entered` a gate has let its passenger in: why it cannot be given back.",
);
export type RefundRule = (typeof refundRules)[number];

export const refundRuleNames: Readonly<Record<RefundRule, { readonly zh: string; readonly en: string }>> = {
  grade: { zh: "按开车前时间计收", en: "By the time left until departure" },
  mistake: { zh: "误购限时免费退票", en: "Free: bought by mistake a moment ago" },
  changedFar: { zh: "改签至较晚列车后退票", en: "Was changed to a later train" },
  festival: { zh: "春运等期间的改签车票", en: "Changed ticket for a festival period" },
  runCancelled: { zh: "列车停运，全额退款", en: "Free: the train does not run" },
  coachLost: { zh: "所在席位停用，全额退款", en: "Free: its seat is not on the train" },
  departed: { zh: "已开车", en: "The train has left" },
  changedAfterDeparture: { zh: "开车后改签的车票不退", en: "Was changed after departure" },
  notIssued: { zh: "不是有效车票", en: "Not a valid ticket" },
  entered: { zh: "已检票进站", en: "Used at the gate" },
};
