/**
 * The rules of a payment provider, whatever its language. `pay` and `notice` stand for the payer on the hosted page and for what the
 * bank then posts.
 */
import { expect, test } from "bun:test";
import { addDays, dateIn, epochMs, fen, minuteMs, ok, refuse, type ZoneName } from "@chepiao/kernel";
import type { NoticeReply, PaymentProvider, RawNotice, StartPayment } from "./payment-provider.ts";

type Subject = {
  readonly provider: PaymentProvider;
  /** Pays the whole amount once. */
  pay(paymentNo: string): Promise<void>;
  /** The notice of the money that came last, as the bank posts it. */
  notice(paymentNo: string): Promise<RawNotice>;
  /** That notice with other words under the same signature, or with another's signature: once for each word that matters. */
  forged(notice: RawNotice): readonly RawNotice[];
  /** Its headers matter. */
  readonly signsHeaders: boolean;
  /** Does the bank take this for an answer, and tell no more? */
  isTaken(reply: NoticeReply): Promise<boolean> | boolean;
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

  rule("a notice tells of the trade that a query shows, however often it is read", async (subject) => {
    const { provider } = subject;
    const genuine = await noticeOfPaid(subject);
    const [trade] = await provider.query(payment.paymentNo);
    const said = { paymentNo: payment.paymentNo, trade: trade! };
    expect(provider.readNotice(genuine)).toEqual(ok(said));
    expect(provider.readNotice(genuine)).toEqual(ok(said));
  });

  rule("a notice is believed as it was signed, and in no other way", async (subject) => {
    const forged = subject.forged(await noticeOfPaid(subject));
    expect(forged.length).toBeGreaterThan(5);
    for (const each of forged) expect(subject.provider.readNotice(each)).toEqual(refuse("signature"));
  });

  rule("a notice that lost its headers or some of its bytes is not believed", async (subject) => {
    const { provider } = subject;
    const genuine = await noticeOfPaid(subject);
    const { headers, body } = genuine;
    for (let length = 0; length < body.length; length++)
      expect(provider.readNotice({ headers, body: body.slice(0, length) }).ok).toBe(false);
    if (subject.signsHeaders) expect(provider.readNotice({ headers: new Headers(), body }).ok).toBe(false);
  });

  rule("no byte of a notice can be changed so that it says something else", async (subject) => {
    const { provider } = subject;
    const { headers, body } = await noticeOfPaid(subject);
    const genuine = provider.readNotice({ headers, body });
    const isSameOrRefused = (changed: Uint8Array<ArrayBuffer>) => {
      const read = provider.readNotice({ headers, body: changed });
      return !read.ok || Bun.deepEquals(read, genuine);
    };
    for (const [at, byte] of body.entries())
      for (const other of [byte ^ 1, byte ^ 0x20, 0, 0xff]) expect(isSameOrRefused(body.with(at, other))).toBe(true);
    expect(isSameOrRefused(new Uint8Array([...body, ...body]))).toBe(true);
  });

  rule("what is no notice at all is refused, and nothing is thrown", async ({ provider, pay, notice }) => {
    await provider.start(payment);
    await pay(payment.paymentNo);
    const { headers } = await notice(payment.paymentNo);
    const texts = [
      "",
      " ",
      "null",
      "[]",
      "{}",
      "1",
      "a=b",
      "%",
      "sign=x&sign=y",
      '{"signature":1}',
      "[".repeat(60_000),
    ];
    const bodies = texts.map((text) => new TextEncoder().encode(text));
    for (const body of [...bodies, Uint8Array.from({ length: 256 }, (_, byte) => byte)])
      for (const given of [headers, new Headers()])
        expect(provider.readNotice({ headers: given, body }).ok).toBe(false);
  });

  rule(
    "the provider understands what it is answered: `received` ends its telling, `refused` does not",
    async (subject) => {
      const { answer } = subject.provider;
      expect(await subject.isTaken(answer("received"))).toBe(true);
      expect(await subject.isTaken(answer("refused"))).toBe(false);
    },
  );

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

  rule(
    "a statement has what was taken and given back on its day, each once, and nothing of others",
    async (subject) => {
      const { provider, pay } = subject;
      await provider.start(payment);
      await pay(payment.paymentNo);
      const [trade] = await provider.query(payment.paymentNo);
      const { tradeNo, paidAt } = trade!;
      const part = { paymentNo: payment.paymentNo, tradeNo };
      const refund = { ...part, refundNo: "R1", amountFen: fen(100) };
      await provider.refund(refund);
      await provider.refund(refund);
      const day = dateIn(statementZone, paidAt);
      const lines = (await provider.statement(day))!;
      expect(lines).toEqual([
        { ...part, refundNo: null, amountFen: payment.amountFen, at: paidAt },
        { ...part, refundNo: "R1", amountFen: fen(100), at: expect.any(Number) },
      ]);
      for (const days of [-1, 1]) expect((await provider.statement(addDays(day, days))) ?? []).toEqual([]);
    },
  );
}

/** Where the days of a provider in a test begin. */
const statementZone = "Asia/Shanghai" as ZoneName;

async function noticeOfPaid({ provider, pay, notice }: Subject): Promise<RawNotice> {
  await provider.start(payment);
  await pay(payment.paymentNo);
  return notice(payment.paymentNo);
}

const payment: StartPayment = {
  paymentNo: "P00421234567890",
  amountFen: fen(55_300),
  subject: "G1 北京南 – 上海虹桥",
  language: "zh",
  payBy: epochMs(Date.UTC(2026, 10, 1) + 15 * minuteMs),
  notifyUrl: "https://site.example/api/payment/callback/test",
  returnUrl: "https://site.example/order/E00420000000000001",
};

const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );
