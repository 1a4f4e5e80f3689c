/**
 * Runs the bank's errands at their time. A notice is posted until the merchant answers 200, at growing distances, and given up
 * in the end, as real ones are. What was not done when the program ended is done when it runs again.
 */
import type { PaymentNotice } from "@chepiao/contracts";
import { type EpochMs, hourMs, minuteMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { signNotice } from "@chepiao/ports/payment-provider";
import type { Random } from "@chepiao/ports/random";
import type { Errand, Ledger } from "./ledger.ts";

export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** How long after each failed try the next one comes. */
export const retryAfterMs: readonly number[] = [
  15 * secondMs,
  15 * secondMs,
  30 * secondMs,
  3 * minuteMs,
  10 * minuteMs,
  20 * minuteMs,
  30 * minuteMs,
  30 * minuteMs,
  30 * minuteMs,
  hourMs,
  3 * hourMs,
  3 * hourMs,
  3 * hourMs,
  6 * hourMs,
  6 * hourMs,
];
const sendTimeoutMs = 5 * secondMs;
const batchMax = 16;
/** Timers do not reach further than some weeks; looking up once an hour is free. */
const napMaxMs = hourMs;

type Deps = {
  readonly ledger: Ledger;
  readonly merchant: { readonly merchantId: string; readonly secret: string };
  readonly clock: Clock;
  readonly random: Random;
  readonly send: Send;
  readonly scale: number;
  readonly log: (line: string) => void;
};

export function createErrandRunner({ ledger, merchant, clock, random, send, scale, log }: Deps) {
  let isOpen = true;
  let busy = false;
  let current = Promise.resolve();
  let cancel: () => void = () => {};
  const closing = new AbortController();

  async function run(errand: Errand): Promise<void> {
    if (errand.kind === "capture") return ledger.captureAsPromised(errand, clock.now());
    const fault = await tell(errand);
    if (fault === null) return ledger.errandDone(errand.errandId);
    if (!isOpen) return;
    const pauseMs = retryAfterMs[errand.attempts];
    log(`sandbox bank: notice for ${errand.paymentNo} was not taken, ${fault}`);
    if (pauseMs === undefined) ledger.errandDone(errand.errandId);
    else ledger.errandAgain(errand.errandId, clock.now() + pauseMs * scale);
  }

  /** Null once the merchant has understood. */
  async function tell(errand: Errand): Promise<string | null> {
    const bill = ledger.bill(errand.paymentNo);
    if (!bill) return null;
    const trade = ledger.trades(errand.paymentNo).find(({ tradeNo }) => tradeNo === errand.tradeNo);
    const unsigned = {
      merchantId: merchant.merchantId,
      paymentNo: errand.paymentNo,
      tradeNo: errand.tradeNo,
      amountFen: trade?.amountFen ?? bill.amountFen,
      status: errand.status,
      at: trade?.paidAt ?? clock.now(),
      nonce: random.token(12),
    };
    const notice: PaymentNotice = { ...unsigned, signature: signNotice(merchant.secret, unsigned) };
    try {
      const answer = await send(bill.notifyUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(notice),
        redirect: "error",
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(sendTimeoutMs)]),
      });
      await answer.body?.cancel();
      return answer.status === 200 ? null : `answered ${answer.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async function pass(): Promise<void> {
    try {
      for (;;) {
        const due = isOpen ? ledger.errandsDue(clock.now(), batchMax) : [];
        if (due.length === 0) break;
        await Promise.all(due.map(run));
      }
      busy = false;
      arm();
    } catch (error) {
      // The file itself failed: not again at once.
      log(`sandbox bank: ${error instanceof Error ? error.message : String(error)}`);
      busy = false;
      if (isOpen) cancel = clock.after(retryAfterMs[0]!, arm);
    }
  }

  function arm(): void {
    if (!isOpen || busy) return;
    cancel();
    const at: EpochMs | null = ledger.nextErrandAt();
    if (at === null) return;
    const napMs = Math.min(napMaxMs, Math.max(0, at - clock.now()));
    cancel = clock.after(napMs, () => {
      busy = true;
      current = pass();
    });
  }

  return {
    /** To be called whenever an errand may have been added. */
    arm,
    async close(): Promise<void> {
      isOpen = false;
      cancel();
      closing.abort();
      await current;
    },
  };
}
