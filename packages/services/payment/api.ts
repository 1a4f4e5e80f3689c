/** The room's three doors for HTTP: pay, status, and the provider's notice. */
import { type Handlers, type OrderClient, type Payment, type paymentRoutes, refusal } from "@chepiao/contracts";
import {
  assert,
  type EpochMs,
  epochMs,
  formatInZone,
  type IdSource,
  ok,
  type OrderNo,
  refuse,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";
import { type PaymentFile, paymentNoOf, type PaymentStore } from "@chepiao/ports/payment-store";
import type { PaymentCounters } from "./counters.ts";
import { firstLookMs, judgeNotice, returnAddress } from "./decide.ts";
import { messageOf, type PaymentWork } from "./work.ts";

type Deps = {
  readonly store: PaymentStore;
  readonly providers: readonly PaymentProvider[];
  readonly orders: OrderClient;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly zone: ZoneName;
  readonly publicUrl: (request: Request) => string;
  readonly noticeUrl: () => string;
  readonly counters: PaymentCounters;
  readonly work: PaymentWork;
  readonly log: (line: string) => void;
};

export function createHandlers(deps: Deps): Handlers<typeof paymentRoutes> {
  const { store, providers, orders, clock, ids, zone, publicUrl, noticeUrl, counters, work, log } = deps;
  const providerOf = (channel: string | undefined) =>
    channel === undefined ? providers[0] : providers.find((provider) => provider.channel === channel);
  const shown = (file: PaymentFile) => paymentOf(file, zone, clock.now());

  return {
    async pay({ body, session, request }) {
      const provider = providerOf(body.channel);
      if (!provider) return refuse(refusal("ChannelUnknown"));
      const userId = session.userId as UserId;
      const payable = await orders.payable(userId, body.orderNo);
      if (!payable.ok) return payable;
      const { orderNo, runId, totalFen, payBy, subject } = payable.value;
      const now = clock.now();

      // The money may be in while the order has not heard of it yet: then there is nothing more to pay.
      const paid = paidFile(await store.byOrder(orderNo));
      if (paid) return ok({ status: 201, body: shown(paid) });

      const paymentNo = paymentNoOf(userId, ids.rowId(now));
      const lookAt = epochMs(now + firstLookMs);
      const { channel } = provider;
      const opened = await store.open(
        { paymentNo, orderNo, runId, userId, channel, amountFen: totalFen, payBy, lookAt },
        now,
      );
      assert(opened.amountFen === totalFen, "the total of an order does not change");
      if (opened.paymentNo === paymentNo) counters.opened += 1;

      let payUrl: string;
      try {
        ({ payUrl } = await provider.start({
          paymentNo: opened.paymentNo,
          amountFen: totalFen,
          subject,
          payBy,
          notifyUrl: new URL(`/api/payment/callback/${encodeURIComponent(channel)}`, noticeUrl()).href,
          returnUrl: returnAddress(publicUrl(request), body.returnUrl, orderNo),
        }));
      } catch (error) {
        log(`payment ${opened.paymentNo}: its provider did not open a page, ${messageOf(error)}`);
        return refuse(refusal("ServiceUnavailable", { retryAfterSeconds: 1 }));
      }
      if (opened.payUrl !== payUrl) await store.started(opened.paymentNo, payUrl);
      return ok({ status: 201, body: shown({ payment: { ...opened, payUrl }, trades: [], refunds: [] }) });
    },

    async status({ params, session }) {
      const files = await store.byOrder(params.orderNo as OrderNo);
      const file = paidFile(files) ?? files.at(-1);
      if (file)
        return file.payment.userId === session.userId
          ? ok({ status: 200, body: shown(file) })
          : refuse(refusal("OrderUnknown"));
      const payable = await orders.payable(session.userId as UserId, params.orderNo);
      const isUnknown = !payable.ok && payable.error.code === "OrderUnknown";
      return refuse(refusal(isUnknown ? "OrderUnknown" : "PaymentUnknown"));
    },

    async callback({ params, body: notice }) {
      const provider = providerOf(params.channel);
      if (!provider) return refuse(refusal("ChannelUnknown"));
      // Nothing is looked up for a notice that is not signed.
      const signed = provider.verify(notice);
      const payment = signed ? await store.find(notice.paymentNo) : null;
      const judged = judgeNotice({ notice, signed, provider, payment, now: clock.now() });
      if (!judged.ok) {
        counters.noticesRefused += 1;
        log(`payment ${JSON.stringify(notice.paymentNo)}: a notice on ${provider.channel} is refused, ${judged.error}`);
        return refuse(refusal("CallbackRefused"));
      }
      if (judged.value && payment) {
        const outcome = await work.receive(payment, judged.value);
        if (outcome === "seen") counters.noticesRepeated += 1;
      }
      // Answered only now: until the money is in the books, the provider keeps telling.
      return ok({ status: 200, body: { received: true } });
    },
  };
}

const paidFile = (files: readonly PaymentFile[]): PaymentFile | undefined =>
  files.find(({ payment }) => payment.state === "captured");

function paymentOf({ payment, refunds }: PaymentFile, zone: ZoneName, now: EpochMs): Payment {
  const { paymentNo, orderNo, channel, amountFen, state, payUrl, payBy } = payment;
  const canPay = state === "created" && now < payBy;
  return {
    paymentNo,
    orderNo,
    channel,
    amountFen,
    state,
    payUrl: canPay ? payUrl : null,
    payBy: formatInZone(payBy, zone),
    refunds: refunds.map((each) => ({
      refundNo: each.refundNo,
      amountFen: each.amountFen,
      feeFen: each.feeFen,
      reason: each.reason,
      state: each.state,
    })),
  };
}
