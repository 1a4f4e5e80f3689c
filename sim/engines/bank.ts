/**
 * A bank outside of the platform: it takes money on its own pages, says so by signed notices that may come late, twice, never, or
 * be forged by a stranger, answers when it is asked, and pays back. Its books are what the audit believes.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { type EpochMs, type Fen, fen, minuteMs, secondMs, type UserId } from "@chepiao/kernel";
import {
  createMemoryProvider,
  jsonNotices,
  type NoticeFields,
  type PaymentProvider,
  type RawNotice,
  type RefundOrder,
} from "@chepiao/ports/payment-provider";
import type { Chance } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import type { Reach } from "../core/reach.ts";
import type { Scheduler } from "../core/scheduler.ts";
import { zone } from "../railway.ts";
import { createEngine, type Engine } from "./engine.ts";

export type BankFault =
  "notice late" | "notice twice" | "notice never" | "notice forged" | "wrong amount" | "refund takes time";

export type BankWeather = { -readonly [Fault in BankFault]: number };

export type BankTrade = {
  readonly tradeNo: string;
  readonly paymentNo: string;
  /** Whose money it was. */
  readonly payer: UserId;
  readonly amountFen: Fen;
  readonly at: EpochMs;
};
export type BankRefund = RefundOrder;

export type Bank = {
  readonly engine: Engine;
  readonly weather: BankWeather;
  readonly trades: readonly BankTrade[];
  readonly refunds: readonly BankRefund[];
  /** Refunds that were asked for twice with something changed: never. */
  readonly disputes: readonly string[];
  providerOf(life: Life): PaymentProvider;
  /** A payer pays on the page of that payment; false where the bank knows none. */
  pay(paymentNo: string, payer: UserId): boolean;
  /** Notices that nobody has taken yet. */
  untold(): number;
};

export type BankDeps = {
  readonly reach: Reach;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly life: Life;
  readonly now: () => EpochMs;
  /** Posts a notice at the platform; false where nobody took it. */
  readonly tell: (notice: RawNotice) => Promise<boolean>;
  readonly fired: (fault: BankFault) => void;
};

const language = jsonNotices("memory-secret");
const channel = "bank";
/** Notices are repeated ever more rarely, and in the end no more. */
const repeatsMs = [2, 5, 10, 20, 40, 80].map((seconds) => seconds * secondMs);
const lateMsMax = 3 * minuteMs;

export function createBank({ reach, chance, life, now, tell, fired }: BankDeps): Bank {
  const engine = createEngine({
    name: "bank",
    wayUs: 20_000,
    timeoutUs: 5_000_000,
    unavailable: (why) => new ServiceUnavailable("the bank", why),
  });
  const weather: BankWeather = {
    "notice late": 0,
    "notice twice": 0,
    "notice never": 0,
    "notice forged": 0,
    "wrong amount": 0,
    "refund takes time": 0,
  };
  const within = createMemoryProvider(channel, language, { now, zone });
  const pages = new Map<string, Fen>();
  const trades: BankTrade[] = [];
  const refunds = new Map<string, BankRefund>();
  const disputes: string[] = [];
  let untold = 0;

  const happens = (fault: BankFault): boolean => {
    if (weather[fault] === 0 || !chance.chance(weather[fault])) return false;
    fired(fault);
    return true;
  };

  async function deliver(notice: RawNotice, attempt = 0): Promise<void> {
    const isTaken = await tell(notice);
    const pauseMs = repeatsMs[attempt];
    if (isTaken || pauseMs === undefined) return void untold--;
    life.after(pauseMs * 1_000, "tells again", () => void deliver(notice, attempt + 1));
  }

  function tellLater(notice: RawNotice, afterMs: number) {
    untold++;
    life.after(afterMs * 1_000, "tells of a payment", () => void deliver(notice));
  }

  function pay(paymentNo: string, payer: UserId): boolean {
    const asked = pages.get(paymentNo);
    if (asked === undefined) return false;
    const amountFen = happens("wrong amount") ? fen(Math.max(1, asked + chance.pick([-100, 100, 200]))) : asked;
    const { notice, fields, trade } = within.pay(paymentNo, amountFen, now());
    trades.push({ tradeNo: trade.tradeNo, paymentNo, payer, amountFen, at: now() });
    if (happens("notice forged")) tellLater(forged(notice, fields), chance.below(5 * secondMs));
    if (!happens("notice never")) {
      tellLater(
        notice,
        happens("notice late") ? chance.below(lateMsMax) : chance.pick([0, 2 * secondMs * chance.next()]),
      );
      if (happens("notice twice")) tellLater(notice, chance.below(30 * secondMs));
    }
    return true;
  }

  /** What a stranger might send who wants a ticket for nothing, or a bank that is not in its right mind. */
  function forged(notice: RawNotice, fields: NoticeFields): RawNotice {
    const { amountFen, tradeNo, paymentNo } = fields;
    return chance.pick([
      language.forge(notice, { amountFen: amountFen + 100 }),
      language.forge(notice, { tradeNo: `${tradeNo}x` }),
      // Money that another merchant was paid, by a trade that is none of ours.
      language.write({ ...fields, merchantId: "M2", tradeNo: `${tradeNo}m` }),
      language.write({ ...fields, paymentNo: `${paymentNo}9`, tradeNo: `${tradeNo}y` }),
      language.write({ ...fields, status: "failed", tradeNo: `${tradeNo}z` }),
    ]);
  }

  return {
    engine,
    weather,
    trades,
    get refunds() {
      return [...refunds.values()];
    },
    disputes,
    pay,
    untold: () => untold,
    providerOf: (caller) => ({
      channel,
      start: (payment) =>
        reach(caller, engine, "bank.start", [payment], () => {
          pages.set(payment.paymentNo, payment.amountFen);
          return within.start(payment);
        }),
      readNotice: within.readNotice,
      answer: within.answer,
      query: (paymentNo) => reach(caller, engine, "bank.query", [paymentNo], () => within.query(paymentNo)),
      refund: (order) =>
        reach(caller, engine, "bank.refund", [order], async () => {
          const known = refunds.get(order.refundNo);
          if (known && known.amountFen !== order.amountFen) disputes.push(order.refundNo);
          if (!known && happens("refund takes time")) return "pending";
          const answer = await within.refund(order);
          refunds.set(order.refundNo, order);
          return answer;
        }),
      statement: (day) => reach(caller, engine, "bank.statement", [day], () => within.statement(day)),
    }),
  };
}
