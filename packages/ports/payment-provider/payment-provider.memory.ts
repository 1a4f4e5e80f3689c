/**
 * A bank in a few maps, with the levers a test wants: money arriving, notices made, calls that fail, refunds that take time. Its
 * notices are in whatever language it is given; by default JSON, with a signature over the body in a header.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import {
  assert,
  dateIn,
  type EpochMs,
  epochMs,
  type Fen,
  fen,
  ok,
  refuse,
  type Result,
  sumFen,
  type ZoneName,
} from "@chepiao/kernel";
import type {
  NoticeFault,
  NoticeOutcome,
  NoticeReply,
  PaymentProvider,
  ProviderTrade,
  RawNotice,
  RefundOrder,
  StatementLine,
} from "./payment-provider.ts";

/** All that a notice can say. */
export type NoticeFields = {
  readonly merchantId: string;
  readonly paymentNo: string;
  readonly tradeNo: string;
  readonly amountFen: number;
  readonly status: "paid" | "failed";
  readonly at: number;
};

/** How a bank writes its notices and how we read them. */
export type NoticeLanguage = {
  /** As the bank posts it, signed. */
  write(fields: NoticeFields): RawNotice;
  /** What it says, if its signature holds; not yet whether it is meant for us. */
  read(notice: RawNotice): Result<NoticeFields, NoticeFault>;
  /** Other words under the same signature, as a forger would post them. */
  forge(notice: RawNotice, change: Partial<NoticeFields>): RawNotice;
  reply(outcome: NoticeOutcome): NoticeReply;
};

export type MemoryProvider = PaymentProvider & {
  /** A payer pays. The notice is made but goes nowhere: the test posts it, or not. */
  pay(
    paymentNo: string,
    amountFen: Fen,
    at: EpochMs,
  ): { readonly trade: ProviderTrade; readonly fields: NoticeFields; readonly notice: RawNotice };
  readonly language: NoticeLanguage;
  /** The next calls of this kind throw, as if the line were cut. */
  cut(call: "start" | "query" | "refund", times: number): void;
  /** The next refunds answer `pending` that many times before they are done. */
  delayRefunds(times: number): void;
  books(): { readonly takenFen: Fen; readonly givenBackFen: Fen; readonly refundCount: number };
};

const ourMerchantId = "M1";

/** When refunds are done, and where days begin: what statements go by. */
type Day = { readonly now: () => EpochMs; readonly zone: ZoneName };

export function createMemoryProvider(
  channel = "memory",
  language = jsonNotices("memory-secret"),
  { now, zone }: Day = { now: () => epochMs(0), zone: "Asia/Shanghai" as ZoneName },
): MemoryProvider {
  const tradesOf = new Map<string, ProviderTrade[]>();
  const refunds = new Map<string, RefundOrder & { readonly at: EpochMs }>();
  const cuts = { start: 0, query: 0, refund: 0 };
  let pendingLeft = 0;
  let lastNo = 0;

  const reach = (call: keyof typeof cuts) => {
    if (cuts[call] === 0) return;
    cuts[call] -= 1;
    throw new Error(`${channel} cannot be reached`);
  };
  const givenBack = (tradeNo: string) =>
    sumFen([...refunds.values()].filter((refund) => refund.tradeNo === tradeNo).map((refund) => refund.amountFen));

  return {
    channel,
    language,
    async start({ paymentNo }) {
      reach("start");
      return { payUrl: `https://pay.example/${paymentNo}` };
    },
    readNotice(notice) {
      const read = language.read(notice);
      if (!read.ok) return read;
      const { merchantId, paymentNo, tradeNo, amountFen, status, at } = read.value;
      if (merchantId !== ourMerchantId) return refuse("merchant");
      const trade = status === "paid" ? { tradeNo, amountFen: fen(amountFen), paidAt: epochMs(at) } : null;
      return ok({ paymentNo, trade });
    },
    answer: language.reply,
    async query(paymentNo) {
      reach("query");
      return [...(tradesOf.get(paymentNo) ?? [])];
    },
    async refund(order) {
      reach("refund");
      const known = refunds.get(order.refundNo);
      if (known) {
        assert(known.tradeNo === order.tradeNo && known.amountFen === order.amountFen, "one refund number, one refund");
      } else {
        const trade = tradesOf.get(order.paymentNo)?.find(({ tradeNo }) => tradeNo === order.tradeNo);
        assert(trade !== undefined, `no trade ${order.tradeNo}`);
        assert(givenBack(order.tradeNo) + order.amountFen <= trade.amountFen, "more than the trade brought");
        if (pendingLeft > 0) {
          pendingLeft -= 1;
          return "pending";
        }
        refunds.set(order.refundNo, { ...order, at: now() });
      }
      return "done";
    },
    async statement(day) {
      const taken = [...tradesOf].flatMap(([paymentNo, trades]) =>
        trades.map(({ tradeNo, amountFen, paidAt }) => ({ paymentNo, tradeNo, refundNo: null, amountFen, at: paidAt })),
      );
      const lines: StatementLine[] = [...taken, ...refunds.values()];
      return lines.filter(({ at }) => dateIn(zone, at) === day);
    },
    pay(paymentNo, amountFen, at) {
      const trade = { tradeNo: `T${++lastNo}`, amountFen, paidAt: at };
      tradesOf.set(paymentNo, [...(tradesOf.get(paymentNo) ?? []), trade]);
      const { tradeNo } = trade;
      const fields = { merchantId: ourMerchantId, paymentNo, tradeNo, amountFen, status: "paid", at } as const;
      return { trade, fields, notice: language.write(fields) };
    },
    cut(call, times) {
      cuts[call] = times;
    },
    delayRefunds(times) {
      pendingLeft = times;
    },
    books: () => ({
      takenFen: sumFen([...tradesOf.values()].flat().map((trade) => trade.amountFen)),
      givenBackFen: sumFen([...refunds.values()].map((refund) => refund.amountFen)),
      refundCount: refunds.size,
    }),
  };
}

const signatureHeader = "x-signature";

/** Signed with a secret that bank and merchant share. */
export function jsonNotices(secret: string): NoticeLanguage {
  const sign = (body: Uint8Array) => createHmac("sha256", secret).update(body).digest();
  const bytesOf = (fields: NoticeFields) => new TextEncoder().encode(JSON.stringify(fields));
  return {
    write(fields) {
      const body = bytesOf(fields);
      return { headers: new Headers({ [signatureHeader]: sign(body).toString("base64url") }), body };
    },
    read({ headers, body }) {
      const given = Buffer.from(headers.get(signatureHeader) ?? "", "base64url");
      const expected = sign(body);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return refuse("signature");
      return ok(JSON.parse(new TextDecoder().decode(body)) as NoticeFields);
    },
    forge: ({ headers, body }, change) => ({
      headers,
      body: bytesOf({ ...(JSON.parse(new TextDecoder().decode(body)) as NoticeFields), ...change }),
    }),
    reply: (outcome) => ({
      status: outcome === "received" ? 200 : 400,
      contentType: "application/json",
      body: JSON.stringify({ outcome }),
    }),
  };
}
