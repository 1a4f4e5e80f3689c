/** The room's three doors for HTTP: pay, status, and the provider's notice. */
import { type Handlers, type paymentRoutes, refusal, type Reply } from "@chepiao/contracts";
import { assert, epochMs, type IdSource, ok, refuse, type UserId, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { NoticeReply } from "@chepiao/ports/payment-provider";
import { type PaymentFile, paymentNoOf, type PaymentStore } from "@chepiao/ports/payment-store";
import type { PaymentCounters } from "./counters.ts";
import type { Payables } from "./payables.ts";
import { firstPollMs, judgeNotice, returnAddress } from "./decide.ts";
import { messageOf } from "./jobs.ts";
import type { Providers } from "./providers.ts";
import { createQueries, paidFile, viewOf } from "./queries.ts";
import type { Receive } from "./receive.ts";
import { createRefusedNotices } from "./refusedNotices.ts";

type Deps = {
  readonly store: PaymentStore;
  readonly providers: Providers;
  readonly payables: Payables;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly zone: ZoneName;
  readonly publicUrl: (request: Request) => string;
  readonly noticeUrl: () => string;
  readonly counters: PaymentCounters;
  readonly receive: Receive;
  readonly log: (line: string) => void;
};

export function createHandlers(deps: Deps): Handlers<typeof paymentRoutes> {
  const { store, providers, payables, clock, ids, zone, publicUrl, noticeUrl, counters, receive, log } = deps;
  const { paymentOf } = createQueries(deps);
  const tellRefused = createRefusedNotices(clock, log);
  const shown = (said: string, file: PaymentFile) => viewOf(said, file, zone, clock.now());

  return {
    async pay({ body, session, request, language }) {
      const provider = body.channel === undefined ? providers.first : providers.of(body.channel);
      if (!provider) return refuse(refusal("ChannelUnknown"));
      const userId = session.userId as UserId;
      const wanted = await payables.of(userId, body.orderNo);
      if (!wanted.ok) return wanted;
      const { purpose, payable } = wanted.value;
      const { orderNo, runId, totalFen, payBy, subject } = payable;
      const now = clock.now();

      // The money may be in while the order has not heard of it yet: then there is nothing more to pay.
      const paid = paidFile(await store.byOrder(orderNo));
      if (paid) return ok({ status: 201, body: shown(body.orderNo, paid) });

      const paymentNo = paymentNoOf(userId, ids.rowId(now));
      const pollAt = epochMs(now + firstPollMs);
      const { channel } = provider;
      const opened = await store.open(
        { paymentNo, orderNo, purpose, runId, userId, channel, amountFen: totalFen, payBy, pollAt },
        now,
      );
      assert(opened.amountFen === totalFen, "the total of an order does not change");
      if (opened.paymentNo === paymentNo) counters.opened += 1;

      let payUrl: string;
      try {
        ({ payUrl } = await provider.start({
          paymentNo: opened.paymentNo,
          amountFen: totalFen,
          subject: subject[language],
          language,
          payBy,
          notifyUrl: new URL(`/api/payment/callback/${encodeURIComponent(channel)}`, noticeUrl()).href,
          returnUrl: returnAddress(publicUrl(request), body.returnUrl, body.orderNo),
        }));
      } catch (error) {
        log(`payment ${opened.paymentNo}: its provider did not open a page, ${messageOf(error)}`);
        return refuse(refusal("ServiceUnavailable", { retryAfterSeconds: 1 }));
      }
      if (opened.payUrl !== payUrl) await store.started(opened.paymentNo, payUrl);
      return ok({
        status: 201,
        body: shown(body.orderNo, { payment: { ...opened, payUrl }, trades: [], refunds: [] }),
      });
    },

    async status({ params, session }) {
      const payment = await paymentOf(session.userId as UserId, params.orderNo);
      if (!payment.ok) return payment;
      return ok(payment.value ? { status: 200, body: payment.value } : { status: 204 });
    },

    async callback({ params, body, request }) {
      const provider = providers.of(params.channel);
      if (!provider) return refuse(refusal("ChannelUnknown"));
      const { channel } = provider;
      const read = provider.readNotice({ headers: request.headers, body });
      // Nothing is looked up for a notice that is not signed.
      const payment = read.ok ? await store.find(read.value.paymentNo) : null;
      const judged = read.ok ? judgeNotice({ notice: read.value, channel, payment, now: clock.now() }) : read;
      if (!judged.ok) {
        counters.noticesRefused += 1;
        tellRefused(judged.error, channel, read.ok ? read.value.paymentNo : null);
        return ok(replyOf(provider.answer("refused")));
      }
      if (judged.value && payment) {
        const outcome = await receive(payment, judged.value);
        if (outcome === "seen") counters.noticesRepeated += 1;
      }
      // Answered only now: until the money is in the books, the provider keeps telling.
      return ok(replyOf(provider.answer("received")));
    },
  };
}

const replyOf = ({ status, contentType, body }: NoticeReply): Reply => ({
  status,
  raw: true,
  body,
  headers: { "content-type": contentType },
});
