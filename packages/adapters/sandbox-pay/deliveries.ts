/**
 * Makes the bank's deliveries at their time. A notice is posted until the merchant answers 200, at growing distances, and given up
 * in the end, as real ones are. What was not done when the program ended is done when it runs again.
 */
import { type EpochMs, hourMs, minuteMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";
import type { Delivery, Ledger } from "./ledger.ts";
import { type SandboxNotice, signNotice } from "./notice.ts";

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

export function createDeliveryRunner({ ledger, merchant, clock, random, send, scale, log }: Deps) {
  let isOpen = true;
  let busy = false;
  let current = Promise.resolve();
  let cancel: () => void = () => {};
  const closing = new AbortController();

  async function run(delivery: Delivery): Promise<void> {
    if (delivery.kind === "capture") return ledger.captureAsPromised(delivery, clock.now());
    const fault = await deliver(delivery);
    if (fault === null) return ledger.deliveryDone(delivery.deliveryId);
    if (!isOpen) return;
    const pauseMs = retryAfterMs[delivery.attempts];
    log(`sandbox bank: notice for ${delivery.paymentNo} was not taken, ${fault}`);
    if (pauseMs === undefined) ledger.deliveryDone(delivery.deliveryId);
    else ledger.deliverAgain(delivery.deliveryId, clock.now() + pauseMs * scale);
  }

  /** Null once the merchant has understood. */
  async function deliver(delivery: Delivery): Promise<string | null> {
    const bill = ledger.bill(delivery.paymentNo);
    if (!bill) return null;
    const trade = ledger.trades(delivery.paymentNo).find(({ tradeNo }) => tradeNo === delivery.tradeNo);
    const unsigned = {
      merchantId: merchant.merchantId,
      paymentNo: delivery.paymentNo,
      tradeNo: delivery.tradeNo,
      amountFen: trade?.amountFen ?? bill.amountFen,
      status: delivery.status,
      at: trade?.paidAt ?? clock.now(),
      nonce: random.token(12),
    };
    const notice: SandboxNotice = { ...unsigned, signature: signNotice(merchant.secret, unsigned) };
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
        const due = isOpen ? ledger.deliveriesDue(clock.now(), batchMax) : [];
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
    const at: EpochMs | null = ledger.nextDeliveryAt();
    if (at === null) return;
    const napMs = Math.min(napMaxMs, Math.max(0, at - clock.now()));
    cancel = clock.after(napMs, () => {
      busy = true;
      current = pass();
    });
  }

  return {
    /** To be called whenever a delivery may have been added. */
    arm,
    async close(): Promise<void> {
      isOpen = false;
      cancel();
      closing.abort();
      await current;
    },
  };
}
