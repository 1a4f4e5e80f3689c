/** The rules of a payment provider. `pay` and `notice` stand for the payer on the hosted page and for what the bank then posts. */
import { expect, test } from "bun:test";
import type { PaymentNotice } from "@chepiao/contracts";
import { epochMs, fen, minuteMs } from "@chepiao/kernel";
import type { PaymentProvider, StartPayment } from "./payment-provider.ts";

type Subject = {
  readonly provider: PaymentProvider;
  /** Pays the whole amount once. */
  pay(paymentNo: string): Promise<void>;
  /** The notice of the money that came last. */
  notice(paymentNo: string): Promise<PaymentNotice>;
  close?(): Promise<void>;
};

export function paymentProviderSuite(adapter: string, create: () => Promise<Subject> | Subject): void {
  const rule = (name: string, check: (subject: Subject) => Promise<void>) =>
    test(`${adapter}: ${name}`, async () => {
      const subject = await create();
      try {
        await check(subject);
      } finally {
        await subject.close?.();
      }
    });

  rule("starting a payment twice gives the same page", async ({ provider }) => {
    const first = await provider.start(payment);
    expect(await provider.start({ ...payment, returnUrl: "https://site.example/elsewhere" })).toEqual(first);
    expect(URL.canParse(first.payUrl)).toBe(true);
  });

  rule("a query shows money once it was paid, and nothing before or for a stranger", async ({ provider, pay }) => {
    await provider.start(payment);
    expect(await provider.query(payment.paymentNo)).toEqual([]);
    expect(await provider.query("P00000000000000000")).toEqual([]);
    await pay(payment.paymentNo);
    const trades = await provider.query(payment.paymentNo);
    expect(trades.map((trade) => trade.amountFen)).toEqual([payment.amountFen]);
    expect(await provider.query(payment.paymentNo)).toEqual(trades);
  });

  rule("a notice is believed as it was signed, and in no other way", async ({ provider, pay, notice }) => {
    await provider.start(payment);
    await pay(payment.paymentNo);
    const [trade] = await provider.query(payment.paymentNo);
    const genuine = await notice(payment.paymentNo);
    expect(provider.verify(genuine)).toBe(true);
    expect(genuine).toMatchObject({
      merchantId: provider.merchantId,
      paymentNo: payment.paymentNo,
      tradeNo: trade!.tradeNo,
      amountFen: payment.amountFen,
      status: "paid",
      at: trade!.paidAt,
    });
    const forged: Partial<PaymentNotice>[] = [
      { merchantId: "somebody" },
      { paymentNo: "P00000000000000000" },
      { tradeNo: `${genuine.tradeNo}0` },
      { amountFen: genuine.amountFen + 1 },
      { status: "failed" },
      { at: genuine.at + 1 },
      { nonce: `${genuine.nonce}0` },
      { signature: "" },
      { signature: genuine.signature.split("").reverse().join("") },
      // Moving a character over the border between two fields must not keep the signature.
      { tradeNo: genuine.tradeNo.slice(0, -1), paymentNo: genuine.paymentNo + genuine.tradeNo.slice(-1) },
    ];
    for (const change of forged) expect(provider.verify({ ...genuine, ...change })).toBe(false);
  });

  rule("asking twice for one refund number is one refund", async ({ provider, pay }) => {
    await provider.start(payment);
    await pay(payment.paymentNo);
    const [trade] = await provider.query(payment.paymentNo);
    const part = { paymentNo: payment.paymentNo, tradeNo: trade!.tradeNo };
    const some = fen(payment.amountFen - 100);
    expect(await provider.refund({ ...part, refundNo: "R1", amountFen: some })).toBe("done");
    expect(await provider.refund({ ...part, refundNo: "R1", amountFen: some })).toBe("done");
    expect(await provider.refund({ ...part, refundNo: "R2", amountFen: fen(100) })).toBe("done");
  });

  rule("a refund never gives back more than the trade brought, and a number stays with its amount", async (subject) => {
    const { provider, pay } = subject;
    await provider.start(payment);
    await pay(payment.paymentNo);
    const [trade] = await provider.query(payment.paymentNo);
    const part = { paymentNo: payment.paymentNo, tradeNo: trade!.tradeNo };
    const over = fen(payment.amountFen + 1);
    expect(await refusalOf(provider.refund({ ...part, refundNo: "R1", amountFen: over }))).toBeInstanceOf(Error);
    expect(await provider.refund({ ...part, refundNo: "R2", amountFen: fen(100) })).toBe("done");
    const rest = payment.amountFen;
    expect(await refusalOf(provider.refund({ ...part, refundNo: "R3", amountFen: rest }))).toBeInstanceOf(Error);
    expect(await refusalOf(provider.refund({ ...part, refundNo: "R2", amountFen: fen(101) }))).toBeInstanceOf(Error);
    const stranger = { ...part, tradeNo: "nobody", refundNo: "R4", amountFen: fen(1) };
    expect(await refusalOf(provider.refund(stranger))).toBeInstanceOf(Error);
  });
}

const payment: StartPayment = {
  paymentNo: "P00421234567890",
  amountFen: fen(55_300),
  subject: "G1 北京南 – 上海虹桥",
  payBy: epochMs(Date.UTC(2026, 10, 1) + 15 * minuteMs),
  notifyUrl: "https://site.example/api/payment/callback/test",
  returnUrl: "https://site.example/order/E00420000000000001",
};

const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );
