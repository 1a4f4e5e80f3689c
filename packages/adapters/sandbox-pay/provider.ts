/** Our side of the sandbox bank: signs what we ask and checks what it tells. It reaches the bank only through its HTTP face. */
import { epochMs, fen, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PaymentProvider, StatementLine } from "@chepiao/ports/payment-provider";
import type { Random } from "@chepiao/ports/random";
import { answerNotice, readNotice } from "./notice.ts";
import { callHeaders } from "./signing.ts";

export type SandboxProviderDeps = {
  readonly merchant: { readonly merchantId: string; readonly secret: string };
  /** Where payers and we reach the bank. */
  readonly bankUrl: () => string;
  /** `bank.fetch` in one process, the network between processes. */
  readonly ask: (request: Request) => Promise<Response | null>;
  readonly clock: Clock;
  readonly random: Random;
  readonly channel: string;
};

const answerTimeoutMs = 15 * secondMs;

export function createSandboxProvider(deps: SandboxProviderDeps): PaymentProvider {
  const { merchant, bankUrl, ask, clock, random, channel } = deps;

  async function call(method: "GET" | "POST", target: string, content?: unknown): Promise<unknown> {
    const body = content === undefined ? "" : JSON.stringify(content);
    const signed = { merchantId: merchant.merchantId, at: clock.now(), nonce: random.token(12), method, target, body };
    const request = new Request(new URL(target, bankUrl()), {
      method,
      // Nobody sends our signed calls elsewhere.
      redirect: "error",
      headers: { "content-type": "application/json", ...callHeaders(merchant.secret, signed) },
      signal: AbortSignal.timeout(answerTimeoutMs),
      ...(method === "POST" ? { body } : {}),
    });
    const response = await ask(request);
    if (!response?.ok) throw new Error(`the bank answered ${response?.status ?? "nothing"}: ${await response?.text()}`);
    return response.json();
  }

  return {
    channel,
    async start(payment) {
      const { page } = (await call("POST", "/sandbox/pay/api/bill", payment)) as { page: string };
      return { payUrl: new URL(page, bankUrl()).href };
    },
    readNotice: ({ body }) => readNotice(merchant, body),
    answer: answerNotice,
    async query(paymentNo) {
      type Answer = { trades: { tradeNo: string; amountFen: number; paidAt: number }[] };
      const target = `/sandbox/pay/api/query?paymentNo=${encodeURIComponent(paymentNo)}`;
      const { trades } = (await call("GET", target)) as Answer;
      return trades.map(({ tradeNo, amountFen, paidAt }) => ({
        tradeNo,
        amountFen: fen(amountFen),
        paidAt: epochMs(paidAt),
      }));
    },
    async refund({ refundNo, paymentNo, tradeNo, amountFen }) {
      const order = { refundNo, paymentNo, tradeNo, amountFen };
      const { state } = (await call("POST", "/sandbox/pay/api/refund", order)) as { state: string };
      return state === "done" ? "done" : "pending";
    },
    async statement(day) {
      const { lines } = (await call("GET", `/sandbox/pay/api/statement?day=${day}`)) as { lines: StatementLine[] };
      return lines.map(({ paymentNo, tradeNo, refundNo, amountFen, at }) => ({
        paymentNo,
        tradeNo,
        refundNo,
        amountFen: fen(amountFen),
        at: epochMs(at),
      }));
    },
  };
}
