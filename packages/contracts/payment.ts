/** `/api/payment`: paying an order, or prepaying an entry of the waitlist, through a provider's hosted page, and the provider's notices. */
import Type, { type Static } from "typebox";
import { anyType, route } from "./route.ts";
import { FenAmount, Instant, PayableNoText, PaymentState, RefundState } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "payment";

export const Payment = Type.Object({
  paymentNo: Type.String(),
  orderNo: PayableNoText,
  channel: Type.String(),
  amountFen: FenAmount,
  state: PaymentState,
  payUrl: Type.Union([Type.String({ description: "Send the payer here." }), Type.Null()]),
  payBy: Instant,
  refunds: Type.Array(
    Type.Object({
      refundNo: Type.String(),
      amountFen: FenAmount,
      feeFen: FenAmount,
      reason: Type.String(),
      state: RefundState,
    }),
  ),
});
export type Payment = Static<typeof Payment>;

export const paymentRoutes = {
  pay: route({
    method: "POST",
    path: "/api/payment",
    summary: "Start paying an order, or prepaying an entry of the waitlist; asking again gives the same payment",
    room,
    shed: "never",
    who: "passenger",
    body: Type.Object(
      {
        orderNo: PayableNoText,
        channel: Type.Optional(Type.String({ maxLength: 20 })),
        returnUrl: Type.Optional(
          Type.String({ maxLength: 500, pattern: "^/(?![/\\\\])", description: "Path on this site." }),
        ),
      },
      strict,
    ),
    answers: { 201: { description: "Where to pay.", schema: Payment } },
    refusals: ["OrderUnknown", "OrderNotPayable", "WaitlistUnknown", "ChannelUnknown"],
  }),
  status: route({
    method: "GET",
    path: "/api/payment/:orderNo",
    summary: "The payment of an order, or of an entry of the waitlist",
    room,
    shed: "never",
    who: "passenger",
    params: Type.Object({ orderNo: PayableNoText }),
    answers: {
      200: { description: "The payment.", schema: Payment },
      204: {
        description:
          "None was ever begun. So it is for good where an order replaces tickets and costs no more: it is on their payment, which is that of the order that had them.",
      },
    },
    refusals: ["OrderUnknown", "WaitlistUnknown"],
  }),
  callback: route({
    method: "POST",
    path: "/api/payment/callback/:channel",
    summary: "A provider's signed notice, in its own language; may come late, twice or never",
    room,
    shed: "never",
    who: "anyone",
    uncounted: true,
    params: Type.Object({ channel: Type.String({ maxLength: 20 }) }),
    body: "raw",
    answers: {
      200: { description: "Understood; do not send again. In the provider's own words.", contentType: anyType },
      400: { description: "Not believed, in the provider's own words.", contentType: anyType },
    },
    refusals: ["ChannelUnknown"],
  }),
};
