/** `/api/payment`: paying an order through a provider's hosted page, and the provider's notices. */
import Type, { type Static } from "typebox";
import { route } from "./route.ts";
import { FenAmount, Instant, OrderNoText, PaymentState, RefundState } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "payment";

export const Payment = Type.Object({
  paymentNo: Type.String(),
  orderNo: OrderNoText,
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
    summary: "Start paying an order; asking again gives the same payment",
    room,
    who: "passenger",
    body: Type.Object(
      {
        orderNo: OrderNoText,
        channel: Type.Optional(Type.String({ maxLength: 20 })),
        returnUrl: Type.Optional(
          Type.String({ maxLength: 500, pattern: "^/(?![/\\\\])", description: "Path on this site." }),
        ),
      },
      strict,
    ),
    answers: { 201: { description: "Where to pay.", schema: Payment } },
    refusals: ["OrderUnknown", "OrderNotPayable", "ChannelUnknown"],
  }),
  status: route({
    method: "GET",
    path: "/api/payment/:orderNo",
    summary: "The payment of an order",
    room,
    who: "passenger",
    params: Type.Object({ orderNo: OrderNoText }),
    answers: { 200: { description: "The payment.", schema: Payment } },
    refusals: ["OrderUnknown", "PaymentUnknown"],
  }),
  callback: route({
    method: "POST",
    path: "/api/payment/callback/:channel",
    summary: "A provider's signed notice; may come late, twice or never",
    room,
    who: "anyone",
    params: Type.Object({ channel: Type.String({ maxLength: 20 }) }),
    body: Type.Object(
      {
        merchantId: Type.String({ maxLength: 64 }),
        paymentNo: Type.String({ maxLength: 64 }),
        tradeNo: Type.String({ maxLength: 64 }),
        amountFen: Type.Integer({ minimum: 0 }),
        status: Type.Union([Type.Literal("paid"), Type.Literal("failed")]),
        at: Type.Integer(),
        nonce: Type.String({ maxLength: 64 }),
        signature: Type.String({ maxLength: 200 }),
      },
      strict,
    ),
    answers: {
      200: { description: "Understood; do not send again.", schema: Type.Object({ received: Type.Literal(true) }) },
    },
    refusals: ["CallbackRefused", "ChannelUnknown"],
  }),
};
export type PaymentNotice = Static<(typeof paymentRoutes)["callback"]["body"]>;
