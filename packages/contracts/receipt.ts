/**
 * What an order has cost, ticket by ticket: the itinerary receipt that is printed, and the data that an electronic invoice is made of. It is its owner's
 * alone, so travellers stand with their names; their documents are masked as everywhere.
 */
import Type, { type Static } from "typebox";
import { linesPerOrderMax } from "@chepiao/kernel";
import { FreeChildView } from "./children.ts";
import {
  DateText,
  FenAmount,
  Instant,
  OrderNoText,
  SeatClass,
  StationId,
  TicketState,
  TicketType,
  TrainNumber,
  DocumentType,
} from "./vocabulary.ts";

const Station = Type.Object({ stationId: StationId, name: Type.String() });

export const ReceiptTicket = Type.Object({
  ticketNo: Type.String(),
  line: Type.Integer({ minimum: 0, maximum: linesPerOrderMax - 1 }),
  passengerName: Type.String(),
  documentType: DocumentType,
  documentMasked: Type.String(),
  ticketType: TicketType,
  freeChild: Type.Optional(FreeChildView),
  trainNumber: TrainNumber,
  boardingDate: DateText,
  from: Station,
  to: Station,
  departAt: Instant,
  arriveAt: Instant,
  seatClass: SeatClass,
  coachNo: Type.Integer(),
  seat: Type.String(),
  state: TicketState,
  fareFen: FenAmount,
  feeFen: { ...FenAmount, description: "Kept of it when it was given back or changed." },
  refundFen: { ...FenAmount, description: "Of it, gone back to the payer or on the way there." },
  carriedFen: { ...FenAmount, description: "Of it, what pays for the ticket that it became." },
  spentFen: {
    ...FenAmount,
    description: "What travelling with it costs: the fare of a ticket that is valid or was used, else nothing.",
  },
  replacedBy: Type.Optional(OrderNoText),
});
export type ReceiptTicket = Static<typeof ReceiptTicket>;

export const Receipt = Type.Object({
  orderNo: OrderNoText,
  currency: Type.String({ description: "ISO 4217; all amounts are in its minor unit." }),
  buyer: Type.Object({ name: Type.String({ description: "Whose account it is." }) }),
  paymentNo: Type.String(),
  paidAt: Instant,
  paidFen: {
    ...FenAmount,
    description:
      "What was paid for this order; nothing where the payment of the tickets that it replaces is carried on.",
  },
  carriedInFen: { ...FenAmount, description: "What of the replaced tickets' payment pays for this order." },
  spentFen: FenAmount,
  feeFen: FenAmount,
  refundFen: FenAmount,
  carriedFen: FenAmount,
  replaces: Type.Optional(OrderNoText),
  tickets: Type.Array(ReceiptTicket),
  now: Instant,
});
export type Receipt = Static<typeof Receipt>;
