/**
 * Changing tickets: a new order whose tickets stand in place of others, which stay valid until they do. `/api/order/:orderNo/reschedule`
 * says what a change would cost, and makes it.
 */
import Type, { type Static } from "typebox";
import { type EpochMs, type Fen, type OrderId, passengersPerOrderMax } from "@chepiao/kernel";
import type { RunId } from "./runId.ts";
import { route } from "./route.ts";
import {
  ChangeKind,
  ChangeRule,
  DateText,
  FenAmount,
  Id,
  Instant,
  OrderNoText,
  SeatClass,
  SeatPreference,
  StationId,
  oneOf,
  TrainNumber,
} from "./vocabulary.ts";

/** Which tickets an order's own stand in place of once it is paid, on terms that were fixed when it was asked for. */
export type Replaces = {
  /** All of them are of one line of one order. */
  readonly orderId: OrderId;
  readonly line: number;
  readonly runId: RunId;
  readonly kind: ChangeKind;
  /** How often these tickets have been changed, with this time. */
  readonly nth: number;
  /** Their train did not run, or not with their coach: the railway has changed them, and not the traveller, so it is not counted. */
  readonly because?: RailwaysFault;
  /** The railway seats them again and asks nobody: the limits of who bought keep no passenger from his seat. */
  readonly byRailway?: true;
  /** When the train of the replaced tickets leaves: whether it had left when this order was accepted decides what giving back costs. */
  readonly departAt: EpochMs;
  /** Changes before this one, newest first: a ticket stays one that was changed so. */
  readonly earlier?: readonly EarlierChange[];
  /** None of the new tickets needs further money: they are on the payment of the replaced ones, and nobody pays this order. */
  readonly isCarried: boolean;
  /** The n-th is replaced by the order's n-th ticket. */
  readonly tickets: readonly ReplacedTicket[];
};

export const railwaysFaults = ["runCancelled", "coachLost"] as const satisfies readonly ChangeRule[];
export type RailwaysFault = (typeof railwaysFaults)[number];

/** When it was, and when the train left that the ticket was for until then. */
export type EarlierChange = { readonly changedAt: EpochMs; readonly departAt: EpochMs };

export type ReplacedTicket = {
  readonly ticketNo: string;
  /** Of its fare: what is kept, and what goes back to its payment. The rest is on the ticket that replaces it. */
  readonly feeFen: Fen;
  readonly refundFen: Fen;
  /** Where its passenger sat, in a coach that the train has lost. */
  readonly seat?: string;
};

const strict = { additionalProperties: false } as const;

/** As the owner of the order sees it. */
export const OrderReplaces = Type.Object({
  orderNo: OrderNoText,
  kind: ChangeKind,
  nth: Type.Integer({
    description:
      "How often its traveller has changed these tickets, with this time; not where their train did not run.",
  }),
  because: Type.Optional(
    oneOf(
      railwaysFaults,
      "Not for its traveller's own sake: the train did not run (`runCancelled`), or without that coach or seat (`coachLost`).",
    ),
  ),
  isCarried: Type.Boolean({ description: "Paid by the payment of the replaced tickets: nothing is to be paid." }),
  tickets: Type.Array(
    Type.Object({
      ticketNo: Type.String({ description: "Replaced by the order's ticket of the same place." }),
      feeFen: FenAmount,
      refundFen: Type.Integer({ description: "Goes back to the payment of the replaced ticket." }),
      seat: Type.Optional(Type.String({ description: "Where its passenger sat, in a coach that the train has lost." })),
    }),
  ),
});

const ticketNosMax = passengersPerOrderMax * 33;
const wanted = {
  trainNumber: TrainNumber,
  originDate: DateText,
  from: StationId,
  to: StationId,
  seatClass: SeatClass,
};

export const ChangeQuery = Type.Object(
  {
    ticketNos: Type.String({
      minLength: 1,
      maxLength: ticketNosMax,
      description: "Which tickets, with commas between them.",
    }),
    ...wanted,
  },
  strict,
);
export type ChangeQuery = Static<typeof ChangeQuery>;

export const ChangeRequest = Type.Object(
  {
    ticketNos: Type.Array(Type.String({ maxLength: 32 }), {
      minItems: 1,
      maxItems: passengersPerOrderMax,
      uniqueItems: true,
    }),
    ...wanted,
    preferences: Type.Optional(
      Type.Array(Type.Union([SeatPreference, Type.Null()]), {
        maxItems: passengersPerOrderMax,
        description: "Of the passengers, in the order of the tickets.",
      }),
    ),
    netFenMax: Type.Optional(
      Type.Integer({ description: "Refuse if all of it costs more than was shown: `netFen` of the quote." }),
    ),
  },
  strict,
);
export type ChangeRequest = Static<typeof ChangeRequest>;

const netFen = (description: string) => Type.Integer({ description });

export const ChangeQuote = Type.Object({
  orderNo: OrderNoText,
  kind: ChangeKind,
  rule: ChangeRule,
  feeBasisPoints: Type.Integer({ description: "Kept of the lower of both fares, in hundredths of a percent." }),
  differenceBasisPoints: Type.Integer({ description: "Kept of what the new ticket costs less." }),
  departAt: Instant,
  arriveAt: Instant,
  tickets: Type.Array(
    Type.Object({
      ticketNo: Type.String(),
      passengerId: Id,
      fareFen: FenAmount,
      newFareFen: FenAmount,
      notCollectedFen: Type.Optional(
        Type.Integer({
          description: "The new train costs more by this, which is not asked for: the old one does not run.",
        }),
      ),
      feeFen: FenAmount,
      differenceFeeFen: FenAmount,
      netFen: netFen("What the change costs, below zero what comes back: new fare less old fare, with both fees."),
    }),
  ),
  netFen: netFen("The same of all tickets."),
  payFen: Type.Integer({
    description: "To be paid now: all new fares, or nothing where no ticket costs more than its old one.",
  }),
  backFen: Type.Integer({ description: "Goes back to the payment of the old tickets once the new ones are valid." }),
});
export type ChangeQuote = Static<typeof ChangeQuote>;

const params = Type.Object({ orderNo: OrderNoText });
const asked = [
  "OrderUnknown",
  "TicketUnknown",
  "ChangeNotOffered",
  "TicketNotChangeable",
  "ChangedBefore",
  "ChangeTooLate",
  "ChangeOfOneTrip",
  "ChangeOrigin",
  "ChangeOfNothing",
  "RunUnknown",
  "RunCancelled",
  "NotOnRoute",
  "ClassNotOffered",
  "SaleNotOpen",
  "SaleClosed",
  "ServiceClosed",
  "TicketTypeNotAllowed",
  "OrderTooLarge",
  "ChildWithoutAdult",
  "FreeChildNotAllowed",
] as const;

/** @param accepted what a purchase is answered with */
export const changeRoutesWith = <const A extends Type.TSchema>(accepted: A) => ({
  changeQuote: route({
    method: "GET",
    path: "/api/order/:orderNo/reschedule",
    summary: "What changing tickets to another train, or to another destination, would cost now",
    room: "order",
    who: "passenger",
    params,
    query: ChangeQuery,
    answers: {
      200: { description: "By ticket, with the rule. Berths differ in fare: the seats decide.", schema: ChangeQuote },
    },
    refusals: [...asked],
  }),
  change: route({
    method: "POST",
    path: "/api/order/:orderNo/reschedule",
    summary: "Change tickets: hold the new seats and open the order that replaces them",
    room: "order",
    who: "passenger",
    idempotent: true,
    params,
    body: ChangeRequest,
    answers: {
      202: {
        description:
          "Accepted for good: the old tickets stay valid until the new order is paid, or at once where nothing is to be paid.",
        schema: accepted,
      },
    },
    refusals: [
      ...asked,
      "OrderChanged",
      "SoldOut",
      "StandingNotYet",
      "WaitlistFirst",
      "NotOnSaleBetween",
      "PreferenceImpossible",
      "UserRunLimit",
      "DocumentDayLimit",
      "StudentTripsUsed",
      "TripOverlaps",
      "TripsTooClose",
      "UnpaidOrderOpen",
      "CancelledTooOften",
      "IdempotencyKeyMissing",
      "QueueOn",
      "ChallengeRequired",
      "PurchasesBlocked",
      "IdempotencyKeyReused",
    ],
  }),
});
