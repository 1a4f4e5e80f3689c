/** `/api/order`: buying, following, cancelling and giving back. */
import Type, { type Static } from "typebox";
import { linesPerOrderMax, passengersPerOrderMax, pageSizeMax } from "@chepiao/kernel";
import { changeRoutesWith, OrderReplaces } from "./change.ts";
import { FreeChildView } from "./children.ts";
import { Receipt } from "./receipt.ts";
import { route } from "./route.ts";
import { studentTripsRoute } from "./studentTrips.ts";
import {
  DateText,
  DocumentType,
  FenAmount,
  Id,
  Instant,
  OrderNoText,
  OrderState,
  RefundRule,
  RefundState,
  SeatClass,
  SeatPreference,
  StationId,
  TicketState,
  TicketType,
  Togetherness,
  TrainNumber,
} from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "order";

/** One line: one way on one run in one class. */
export const OrderRequest = Type.Object(
  {
    trainNumber: TrainNumber,
    originDate: DateText,
    from: StationId,
    to: StationId,
    seatClass: SeatClass,
    passengers: Type.Array(
      Type.Object(
        {
          passengerId: Id,
          ticketType: Type.Optional(TicketType),
          preference: Type.Optional(SeatPreference),
        },
        strict,
      ),
      { minItems: 1, maxItems: passengersPerOrderMax },
    ),
    freeChildren: Type.Optional(
      Type.Array(Id, {
        minItems: 1,
        maxItems: passengersPerOrderMax,
        description: "Saved passengers who travel free without a seat, each with an adult of this line.",
      }),
    ),
  },
  strict,
);
export type OrderRequest = Static<typeof OrderRequest>;

/** One line by itself, or several: two trains, two classes on one train, another seat half-way. All of them are bought, or none. */
export const PurchaseRequest = Type.Union([
  OrderRequest,
  Type.Object({ lines: Type.Array(OrderRequest, { minItems: 1, maxItems: linesPerOrderMax }) }, strict),
]);
export type PurchaseRequest = Static<typeof PurchaseRequest>;

const LineIndex = Type.Integer({
  minimum: 0,
  maximum: linesPerOrderMax - 1,
  description: "Of which of the order's lines, counted from 0 in the order in which they were asked for.",
});

export const OrderTicket = Type.Object({
  ticketNo: Type.String(),
  line: LineIndex,
  passengerId: Type.Integer(),
  passengerName: Type.String(),
  documentType: DocumentType,
  documentMasked: Type.String(),
  ticketType: TicketType,
  coachNo: Type.Integer(),
  seat: Type.String({ description: "As printed: `05车12A`." }),
  fareFen: FenAmount,
  state: TicketState,
  feeFen: Type.Optional(FenAmount),
  refundFen: Type.Optional(FenAmount),
  refund: Type.Optional(RefundState),
  replacedBy: Type.Optional(Type.String({ description: "The order with the ticket that is valid in its place." })),
  enteredAt: Type.Optional({ ...Instant, description: "When a gate let its passenger in." }),
  leftAt: Type.Optional({ ...Instant, description: "When a gate let its passenger out." }),
  leftFrom: Type.Optional({ ...StationId, description: "And where." }),
  freeChild: Type.Optional(FreeChildView),
  showAtGate: Type.Optional(
    Type.Literal(true, {
      description: "The fare was declared by the buyer: the card that entitles to it is shown at the gate.",
    }),
  ),
  code: Type.Optional(
    Type.String({
      description:
        "Signed ticket code, shown as a QR code: of tickets that are valid, and of used ones until some hours after arrival.",
    }),
  ),
});
export type OrderTicket = Static<typeof OrderTicket>;

const way = {
  trainNumber: TrainNumber,
  originDate: DateText,
  boardingDate: DateText,
  from: Type.Object({ stationId: StationId, name: Type.String() }),
  to: Type.Object({ stationId: StationId, name: Type.String() }),
  departAt: Instant,
  arriveAt: Instant,
  seatClass: SeatClass,
} as const;
const seated = {
  together: Togetherness,
  preferencesUnmet: Type.Integer({ description: "How many passengers' wishes could not be honoured." }),
} as const;

/** One way on one run in one class, as its owner sees it. */
export const LineView = Type.Object({ line: LineIndex, ...way, ...seated });
export type LineView = Static<typeof LineView>;

export const Order = Type.Object({
  orderNo: OrderNoText,
  state: OrderState,
  // For callers who know of orders of one line only.
  ...way,
  totalFen: FenAmount,
  ...seated,
  lines: Type.Array(LineView, {
    minItems: 1,
    description:
      "One way on one run in one class each. What the order itself says of train, way, class and times is its first line; how the party sits, the least of all lines.",
  }),
  createdAt: Instant,
  payBy: Instant,
  paidAt: Type.Union([Instant, Type.Null()]),
  endedBecause: Type.Union([Type.String({ description: "Refusal code of a rejected order." }), Type.Null()]),
  replaces: Type.Optional(OrderReplaces),
  now: Instant,
  tickets: Type.Array(OrderTicket),
});
export type Order = Static<typeof Order>;

export const Accepted = Type.Object({
  orderNo: OrderNoText,
  state: OrderState,
  payBy: Instant,
  totalFen: FenAmount,
  ...seated,
  seats: Type.Array(Type.String(), { description: "Of all lines, one after the other." }),
  lines: Type.Array(
    Type.Object({ trainNumber: TrainNumber, seatClass: SeatClass, ...seated, seats: Type.Array(Type.String()) }),
  ),
});
export type Accepted = Static<typeof Accepted>;

const RefundSteps = Type.Array(
  Type.Object({
    until: Instant,
    feeBasisPoints: Type.Integer({ description: "Hundredths of a percent of the fare." }),
  }),
  { description: "From now on, until when which part of the fare is kept. The last ends with departure." },
);

export const RefundQuote = Type.Object({
  orderNo: OrderNoText,
  steps: RefundSteps,
  lines: Type.Array(Type.Object({ line: LineIndex, steps: RefundSteps }), {
    description: "By the departure of each line; the order's own `steps` are those of the first.",
  }),
  tickets: Type.Array(
    Type.Object({
      ticketNo: Type.String(),
      line: LineIndex,
      refundable: Type.Boolean(),
      rule: RefundRule,
      ruleName: Type.Object({ zh: Type.String(), en: Type.String() }),
      until: Type.Optional({ ...Instant, description: "The last moment of a rule that ends before the grade does." }),
      feeBasisPoints: Type.Integer(),
      feeFen: FenAmount,
      refundFen: FenAmount,
    }),
  ),
});
export type RefundQuote = Static<typeof RefundQuote>;

/** What a program that buys may say of itself, both up to 512 letters: what it calls its device, and the pass that let it in. */
export const deviceHeader = "x-device-id";
export const passHeader = "x-queue-pass";

const OrderParams = Type.Object({ orderNo: OrderNoText });
const theOrder = { description: "The order.", schema: Order } as const;

export const orderRoutes = {
  ...changeRoutesWith(Accepted),
  submit: route({
    method: "POST",
    path: "/api/order",
    summary: "Buy: hold seats and open an order",
    room,
    who: "passenger",
    idempotent: true,
    body: PurchaseRequest,
    answers: { 202: { description: "Accepted for good; follow it by polling or by its events.", schema: Accepted } },
    refusals: [
      "RunUnknown",
      "RunCancelled",
      "NotOnRoute",
      "ClassNotOffered",
      "SaleNotOpen",
      "SaleClosed",
      "ServiceClosed",
      "SoldOut",
      "StandingNotYet",
      "WaitlistFirst",
      "NotOnSaleBetween",
      "PassengerUnknown",
      "DuplicatePassenger",
      "TicketTypeNotAllowed",
      "PreferenceImpossible",
      "UserRunLimit",
      "DocumentDayLimit",
      "StudentTripsUsed",
      "OrderTooLarge",
      "ChildWithoutAdult",
      "FreeChildNotAllowed",
      "FreeChildrenTooMany",
      "TripOverlaps",
      "TripsTooClose",
      "IdentityRefused",
      "UnpaidOrderOpen",
      "CancelledTooOften",
      "IdempotencyKeyMissing",
      "QueueOn",
      "ChallengeRequired",
      "PurchasesBlocked",
      "IdempotencyKeyReused",
    ],
  }),
  studentTrips: studentTripsRoute,
  list: route({
    method: "GET",
    path: "/api/order",
    summary: "Own orders, newest first",
    room,
    shed: "first",
    who: "passenger",
    query: Type.Object(
      {
        state: Type.Optional(OrderState),
        before: Type.Optional(OrderNoText),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageSizeMax })),
      },
      strict,
    ),
    answers: {
      200: {
        description: "One page.",
        schema: Type.Object({ orders: Type.Array(Order), next: Type.Union([OrderNoText, Type.Null()]) }),
      },
    },
    refusals: [],
  }),
  get: route({
    method: "GET",
    path: "/api/order/:orderNo",
    summary: "One order",
    room,
    shed: "never",
    who: "passenger",
    params: OrderParams,
    answers: { 200: theOrder },
    refusals: ["OrderUnknown"],
  }),
  events: route({
    method: "GET",
    path: "/api/order/:orderNo/events",
    summary: "Follow an order: its state now and at each change, as server-sent events",
    room,
    shed: "never",
    who: "passenger",
    params: OrderParams,
    answers: { 200: { description: "`event: order`, data as from `get`.", contentType: "text/event-stream" } },
    refusals: ["OrderUnknown"],
  }),
  receipt: route({
    method: "GET",
    path: "/api/order/:orderNo/receipt",
    summary:
      "What a paid order has cost, ticket by ticket: an itinerary receipt, and the data of an electronic invoice",
    room,
    who: "passenger",
    params: OrderParams,
    answers: {
      200: { description: "What came in is what is spent, kept, given back and carried on.", schema: Receipt },
    },
    refusals: ["OrderUnknown", "NoReceipt"],
  }),
  cancel: route({
    method: "POST",
    path: "/api/order/:orderNo/cancel",
    summary: "Cancel an unpaid order",
    room,
    shed: "never",
    who: "passenger",
    params: OrderParams,
    answers: { 200: theOrder },
    refusals: ["OrderUnknown", "OrderNotCancellable", "OrderChanged"],
  }),
  refundQuote: route({
    method: "GET",
    path: "/api/order/:orderNo/refund",
    summary: "What giving back each ticket would cost now",
    room,
    shed: "never",
    who: "passenger",
    params: OrderParams,
    answers: { 200: { description: "Fee and refund by ticket.", schema: RefundQuote } },
    refusals: ["OrderUnknown"],
  }),
  refund: route({
    method: "POST",
    path: "/api/order/:orderNo/refund",
    summary: "Give back tickets",
    room,
    shed: "never",
    who: "passenger",
    params: OrderParams,
    body: Type.Object(
      {
        ticketNos: Type.Array(Type.String({ maxLength: 32 }), {
          minItems: 1,
          maxItems: passengersPerOrderMax * linesPerOrderMax,
        }),
        feeFenMax: Type.Optional(
          Type.Integer({ minimum: 0, description: "Refuse if the fee has risen above what was shown." }),
        ),
      },
      strict,
    ),
    answers: { 200: theOrder },
    refusals: ["OrderUnknown", "TicketUnknown", "TicketNotRefundable", "OrderChanged"],
  }),
};
