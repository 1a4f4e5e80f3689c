/** What the world does to a payment room, and what must come of it: I3 (no fen without a place) and I7 (twice, late, out of order). */
import { expect, spyOn, test } from "bun:test";
import { capturedSecret, capturedText, type Payment } from "@chepiao/contracts";
import { dayMs, fen, hourMs, minuteMs, type OrderNo, secondMs, type UserId } from "@chepiao/kernel";
import { jsonNotices } from "@chepiao/ports/payment-provider";
import { createMemoryVault, macBy } from "@chepiao/ports/vault";
import { amount, createWorld, dueFor } from "./payment.twin.ts";

async function opened() {
  const world = createWorld();
  const orderNo = world.order();
  const payment = (await world.pay(orderNo)) as Payment;
  const captured = async () => (await world.heard("order-pay-topic")).length;
  const settled = async () => (await world.heard("payment-settled-topic")).length;
  return { ...world, orderNo, payment, captured, settled };
}

// Paying

test("asking twice to pay an order gives one payment", async () => {
  const { pay, orderNo, payment, room } = await opened();
  expect(payment).toMatchObject({ orderNo, amountFen: amount, state: "created", channel: "memory", refunds: [] });
  expect(payment.payUrl).toBe(`https://pay.example/${payment.paymentNo}`);
  expect(payment.payBy).toBe("2026-11-01T08:15:00+08:00");
  expect(await pay(orderNo)).toEqual(payment);
  expect(await Promise.all([pay(orderNo), pay(orderNo)])).toEqual([payment, payment]);
  expect(room.counters.opened).toBe(1);
});

test("what the order room refuses is refused, and an unknown channel too", async () => {
  const { pay, orderNo, owners, order } = await opened();
  expect(await pay(orderNo, { userId: 8 })).toBe("OrderUnknown");
  expect(await pay(orderNo, { channel: "gold" })).toBe("ChannelUnknown");
  const gone = order();
  owners.set(gone, { userId: 7 as UserId, payable: false });
  expect(await pay(gone)).toBe("OrderNotPayable");
});

test("an order number that no order can have is unknown, like one that nobody has", async () => {
  const asked: string[] = [];
  const { status } = createWorld({
    store: (store) => ({ ...store, byOrder: (orderNo) => (asked.push(orderNo), store.byOrder(orderNo)) }),
  });
  expect(await status("E00000000000000001")).toBe("OrderUnknown");
  expect(asked).toEqual(["E00000000000000001"]);
  for (const orderNo of ["E90000000000000000", "E20480000000000000", "E00009999999999999"])
    expect([orderNo, await status(orderNo)]).toEqual([orderNo, "OrderUnknown"]);
  expect(asked).toHaveLength(1);
});

test("a payer comes back to the site as they reached it, and notices come to us where we are", async () => {
  const { pay, order, bank } = createWorld();
  const start = spyOn(bank, "start");
  const orderNo = order();
  await pay(orderNo, { site: "http://192.168.1.20:8080/api/payment", returnUrl: `/order/${orderNo}?back=bank` });
  expect(start.mock.lastCall![0]).toMatchObject({
    returnUrl: `http://192.168.1.20:8080/order/${orderNo}?back=bank`,
    language: "zh",
    notifyUrl: "http://localhost:8080/api/payment/callback/memory",
  });
  await pay(orderNo, { returnUrl: "//elsewhere.example/" });
  expect(start.mock.lastCall![0].returnUrl).toBe(`https://site.example/order/${orderNo}`);
});

test("a provider that cannot be reached opens nothing, and the next try opens the same payment", async () => {
  const { pay, order, bank, status } = createWorld();
  const orderNo = order();
  bank.cut("start", 1);
  expect(await pay(orderNo)).toBe("ServiceUnavailable");
  const first = (await status(orderNo)) as Payment;
  expect(first).toMatchObject({ state: "created", payUrl: null });
  expect(await pay(orderNo)).toMatchObject({
    paymentNo: first.paymentNo,
    payUrl: `https://pay.example/${first.paymentNo}`,
  });
});

test("an order that is paid already is not paid again, though it has not heard of it yet", async () => {
  const { pay, orderNo, payment, bank, tell, clock } = await opened();
  await tell(bank.pay(payment.paymentNo, amount, clock.now()).notice);
  expect(await pay(orderNo, { channel: "other" })).toMatchObject({
    paymentNo: payment.paymentNo,
    state: "captured",
    payUrl: null,
  });
});

test("a payment is shown to its payer only", async () => {
  const { status, orderNo, payment } = await opened();
  expect(await status(orderNo)).toEqual(payment);
  expect(await status(orderNo, 8)).toBe("OrderUnknown");
  expect(await status("E00010000000000001")).toBe("OrderUnknown");
});

test("of an order that nobody has begun to pay there is no payment, and strangers are not told even that", async () => {
  const { status, order } = await opened();
  const orderNo = order();
  expect(await status(orderNo)).toBeUndefined();
  expect(await status(orderNo, 8)).toBe("OrderUnknown");
});

// Notices

test("a sound notice captures the payment and the order hears of it once", async () => {
  const { tell, bank, payment, orderNo, clock, heard, status } = await opened();
  const { notice } = bank.pay(payment.paymentNo, amount, clock.now());
  expect(await tell(notice)).toBe("received");
  const value = { paymentNo: payment.paymentNo, orderNo, amountFen: amount, capturedAt: clock.now() };
  const mac = macBy(createMemoryVault(), capturedSecret)(capturedText(value));
  expect(await heard("order-pay-topic")).toEqual([
    { topic: "order-pay-topic", key: "G1/2026-12-01", value: { ...value, mac } },
  ]);
  expect(await status(orderNo)).toMatchObject({ state: "captured", payUrl: null });
});

test.each(["memory", "other"])(
  "a forged notice changes nothing, whichever field was forged, on the channel %s",
  async (channel) => {
    const { pay, order, tell, bank, otherBank, clock, heard, room, store } = createWorld();
    const find = spyOn(store, "find");
    const teller = channel === "memory" ? bank : otherBank;
    const { paymentNo } = (await pay(order(), { channel })) as Payment;
    const { notice, fields } = teller.pay(paymentNo, amount, clock.now());
    for (const forged of [
      jsonNotices("guess").write(fields),
      { ...notice, headers: new Headers() },
      { ...notice, body: new Uint8Array() },
      ...[
        { amountFen: 1 },
        { tradeNo: "T99" },
        { merchantId: "M2" },
        { paymentNo: "P0001100" },
        { at: fields.at + 1 },
        { status: "failed" as const },
      ].map((change) => teller.language.forge(notice, change)),
    ]) {
      expect(await tell(forged, channel)).toBe("refused");
    }
    expect(await heard("order-pay-topic")).toEqual([]);
    expect((await store.totals()).capturedFen).toBe(fen(0));
    expect(room.counters.noticesRefused).toBe(9);
    // Nothing is looked up for a notice that is not signed.
    expect(find).not.toHaveBeenCalled();
    expect(await tell(notice, channel)).toBe("received");
  },
);

test("a flood of forged notices is counted, and told once a minute with how many there were", async () => {
  const { tell, bank, payment, clock, room, lines } = await opened();
  const { notice, fields } = bank.pay(payment.paymentNo, amount, clock.now());
  const refusedLines = () => lines.filter((line) => line.includes("is refused"));
  const forged = bank.language.forge(notice, { amountFen: 1 });
  for (let n = 0; n < 500; n++) await tell(forged);
  expect(refusedLines()).toEqual(["a notice on memory is refused, signature"]);
  // One that is refused for another reason is not lost among them.
  await tell(bank.language.write({ ...fields, merchantId: "M2" }));
  expect(refusedLines().at(-1)).toContain("refused, merchant");
  await clock.advance(minuteMs);
  await tell(forged);
  expect(refusedLines()).toHaveLength(3);
  expect(refusedLines().at(-1)).toEndWith("refused, signature; 499 more since the last line");
  expect(room.counters.noticesRefused).toBe(502);
});

test("a signed notice for another merchant, channel or payment is refused", async () => {
  const { tell, bank, otherBank, payment, clock, captured } = await opened();
  const { notice, fields } = bank.pay(payment.paymentNo, amount, clock.now());
  const signed = (change: object) => bank.language.write({ ...fields, ...change });
  expect(await tell(signed({ merchantId: "M2" }))).toBe("refused");
  expect(await tell(signed({ paymentNo: "P0001999" }))).toBe("refused");
  expect(await tell(otherBank.pay(payment.paymentNo, amount, clock.now()).notice, "other")).toBe("refused");
  // Each channel has its own language and its own keys.
  expect(await tell(notice, "other")).toBe("refused");
  expect(await tell(notice, "gold")).toBe("ChannelUnknown");
  expect(await captured()).toBe(0);
});

test("every provider hears what became of its notice in its own words", async () => {
  const { pay, order, room, bank, otherBank, clock } = createWorld();
  const post = async (channel: string, body: Uint8Array<ArrayBuffer>, headers: Headers) => {
    const request = new Request("https://site.example/", { method: "POST", headers });
    const call = { query: undefined, session: null, idempotencyKey: undefined, language: "zh", traceId: "t" } as const;
    const answer = await room.handlers.callback({
      ...call,
      clientAddress: "127.0.0.1",
      secure: true,
      params: { channel },
      body,
      request,
    });
    if (!answer.ok) throw new Error(answer.error.code);
    const { status, raw, body: said, headers: sent } = answer.value;
    return [status, raw, sent!["content-type"], said];
  };
  for (const [teller, received, refused] of [
    [
      bank,
      [200, true, "application/json", '{"outcome":"received"}'],
      [400, true, "application/json", '{"outcome":"refused"}'],
    ],
    [otherBank, [200, true, "text/plain", "success"], [200, true, "text/plain", "failure"]],
  ] as const) {
    const { channel } = teller;
    const { paymentNo } = (await pay(order(), { channel })) as Payment;
    const { notice, fields } = teller.pay(paymentNo, amount, clock.now());
    const failed = teller.language.write({ ...fields, status: "failed" });
    expect(await post(channel, failed.body, failed.headers as Headers)).toEqual([...received]);
    expect(await post(channel, notice.body, notice.headers as Headers)).toEqual([...received]);
    expect(await post(channel, notice.body.with(0, 0), notice.headers as Headers)).toEqual([...refused]);
  }
});

test("a notice whose money could not be entered is not answered, so that it comes again", async () => {
  let failures = 1;
  const world = createWorld({
    store: (store) => ({
      ...store,
      async change(...args) {
        if (failures-- > 0) throw new Error("the database is away");
        return store.change(...args);
      },
    }),
  });
  const payment = (await world.pay(world.order())) as Payment;
  const { notice } = world.bank.pay(payment.paymentNo, amount, world.clock.now());
  expect(String(await world.tell(notice).catch((error: unknown) => error))).toContain("the database is away");
  expect(await world.tell(notice)).toBe("received");
  expect(await world.heard("order-pay-topic")).toHaveLength(1);
});

test("a notice that comes twice, or is replayed a week later, is money once", async () => {
  const { tell, bank, payment, clock, captured, store, room } = await opened();
  const { notice } = bank.pay(payment.paymentNo, amount, clock.now());
  expect(await Promise.all([tell(notice), tell(notice), tell(notice)])).toEqual(["received", "received", "received"]);
  await clock.advance(7 * dayMs);
  expect(await tell(notice)).toBe("received");
  expect(await captured()).toBe(1);
  expect(room.counters.noticesRepeated).toBe(3);
  expect(await store.totals()).toMatchObject({ capturedFen: amount, refundDueFen: fen(0) });
});

test("a notice that comes long after the order ended still enters the books, for the order room to send back", async () => {
  const { tell, bank, payment, clock, captured, ask, room, settled, store, status, orderNo } = await opened();
  await clock.advance(2 * dayMs);
  await room.pollForMoney();
  expect(await status(orderNo)).toMatchObject({ state: "closed" });
  expect(await tell(bank.pay(payment.paymentNo, amount, clock.now()).notice)).toBe("received");
  expect(await captured()).toBe(1);
  await ask(dueFor(payment, { ticketNo: null, amountFen: amount, feeFen: fen(0), reason: "latePayment" }));
  await room.refundWhatIsDue();
  expect(await settled()).toBe(1);
  expect(bank.books()).toMatchObject({ takenFen: amount, givenBackFen: amount });
  expect(await store.totals()).toEqual({
    capturedFen: amount,
    refundedFen: amount,
    refundDueFen: fen(0),
    feeFen: fen(0),
  });
});

test("money whose notice never comes is found by asking", async () => {
  const { bank, payment, clock, captured, room, begin } = await opened();
  const end = begin();
  await clock.advance(20 * secondMs);
  expect(await captured()).toBe(0);
  bank.pay(payment.paymentNo, amount, clock.now());
  await clock.advance(minuteMs);
  expect(await captured()).toBe(1);
  expect(room.counters.foundByQuery).toBe(1);
  await end();
});

test("a provider that cannot be asked is asked until it answers, also past the end", async () => {
  const { bank, payment, clock, captured, status, orderNo, begin } = await opened();
  bank.pay(payment.paymentNo, amount, clock.now());
  bank.cut("query", 3_000);
  const end = begin();
  await clock.advance(26 * hourMs);
  expect(await status(orderNo)).toMatchObject({ state: "created" });
  bank.cut("query", 0);
  await clock.advance(2 * minuteMs);
  expect(await captured()).toBe(1);
  await end();
});

test("two trades for one payment: one pays, the other goes back whole, even if only asking finds it", async () => {
  const { tell, bank, payment, clock, captured, settled, status, orderNo, begin } = await opened();
  await tell(bank.pay(payment.paymentNo, amount, clock.now()).notice);
  bank.pay(payment.paymentNo, amount, clock.now());
  const end = begin();
  await clock.advance(secondMs);
  await clock.advance(20 * minuteMs);
  expect(await captured()).toBe(1);
  expect(await settled()).toBe(1);
  expect(bank.books()).toEqual({ takenFen: fen(2 * amount), givenBackFen: amount, refundCount: 1 });
  const shown = (await status(orderNo)) as Payment;
  expect(shown.refunds).toMatchObject([{ amountFen: amount, feeFen: 0, reason: "duplicatePayment", state: "settled" }]);
  await end();
});

test("a wrong amount goes back whole and pays for nothing", async () => {
  const { tell, bank, payment, clock, captured, room } = await opened();
  expect(await tell(bank.pay(payment.paymentNo, fen(amount - 1), clock.now()).notice)).toBe("received");
  await room.refundWhatIsDue();
  expect(await captured()).toBe(0);
  expect(bank.books().givenBackFen).toBe(fen(amount - 1));
});

// Refunds

async function paid() {
  const world = await opened();
  await world.tell(world.bank.pay(world.payment.paymentNo, amount, world.clock.now()).notice);
  return world;
}

test("a refund asked for twice, before and after it was done, gives the money back once", async () => {
  const { ask, payment, room, bank, settled } = await paid();
  await ask(dueFor(payment));
  await ask(dueFor(payment));
  await room.refundWhatIsDue();
  await ask(dueFor(payment));
  await room.refundWhatIsDue();
  expect(bank.books()).toMatchObject({ givenBackFen: fen(20_000), refundCount: 1 });
  expect(await settled()).toBe(1);
  expect(room.counters.refundsAsked).toBe(1);
});

test("a provider that cannot be reached five times gives the money back at the sixth", async () => {
  const { ask, payment, room, bank, settled, clock, begin } = await paid();
  bank.cut("refund", 5);
  const end = begin();
  await ask(dueFor(payment));
  await clock.advance(10 * secondMs);
  expect(await settled()).toBe(0);
  await clock.advance(2 * minuteMs);
  expect(await settled()).toBe(1);
  expect(room.counters).toMatchObject({ refundFailures: 5, refundsSettled: 1 });
  await end();
});

test("a refund that takes the provider a while is settled when it is done, not before", async () => {
  const { ask, payment, bank, settled, clock, begin } = await paid();
  bank.delayRefunds(3);
  const end = begin();
  await ask(dueFor(payment));
  await clock.advance(secondMs);
  expect(await settled()).toBe(0);
  await clock.advance(minuteMs);
  expect(await settled()).toBe(1);
  expect(bank.books().refundCount).toBe(1);
  await end();
});

test("stopped between the provider's refund and our books, the money still goes back once", async () => {
  let crashes = 2;
  const world = createWorld({
    store: (store) => ({
      ...store,
      async settle(change, now) {
        if (crashes-- > 0) throw new Error("the program was killed");
        return store.settle(change, now);
      },
    }),
  });
  const payment = (await world.pay(world.order())) as Payment;
  await world.tell(world.bank.pay(payment.paymentNo, amount, world.clock.now()).notice);
  const end = world.begin();
  await world.ask(dueFor(payment));
  await world.clock.advance(minuteMs);
  expect(world.bank.books()).toMatchObject({ givenBackFen: fen(20_000), refundCount: 1 });
  expect(await world.heard("payment-settled-topic")).toHaveLength(1);
  await end();
});

test("a refund that our own books refuse to settle does not hold up the others", async () => {
  const world = createWorld({
    store: (store) => ({
      ...store,
      async settle(change, now) {
        if (change.refund.refundNo === "sick") throw new Error("this row cannot be written");
        return store.settle(change, now);
      },
    }),
  });
  const payment = (await world.pay(world.order())) as Payment;
  await world.tell(world.bank.pay(payment.paymentNo, amount, world.clock.now()).notice);
  await world.ask(dueFor(payment, { refundNo: "sick", amountFen: fen(1), feeFen: fen(0) }));
  for (let no = 1; no <= 20; no++) {
    await world.ask(dueFor(payment, { refundNo: `R${no}`, amountFen: fen(1), feeFen: fen(0) }));
  }
  const end = world.begin();
  await world.clock.advance(secondMs);
  expect(await world.heard("payment-settled-topic")).toHaveLength(20);
  expect(world.lines.some((line) => line.includes("this row cannot be written"))).toBe(true);
  await end();
});

test("a fee that eats the whole fare is settled without asking the provider", async () => {
  const { ask, payment, room, bank, settled } = await paid();
  bank.cut("refund", 1);
  await ask(dueFor(payment, { amountFen: fen(0), feeFen: amount }));
  await room.refundWhatIsDue();
  expect(await settled()).toBe(1);
  expect(bank.books().refundCount).toBe(0);
});

test("a refund of money that is not there is told to people and holds nothing up", async () => {
  const { ask, payment, room, lines, bank, settled } = await paid();
  await ask(dueFor(payment, { refundNo: "R9", amountFen: fen(amount + 1), feeFen: fen(0) }));
  await ask(dueFor({ paymentNo: "P0001999", orderNo: payment.orderNo }, { refundNo: "R8" }));
  await ask(dueFor(payment));
  await room.refundWhatIsDue();
  expect(room.counters.refundsImpossible).toBe(2);
  expect(lines.some((line) => line.includes("R9"))).toBe(true);
  expect(bank.books().givenBackFen).toBe(fen(20_000));
  expect(await settled()).toBe(1);
});

test("a payment that was never opened holds nothing", async () => {
  const { store } = createWorld();
  expect(await store.byOrder("E00010000000000001" as OrderNo)).toEqual([]);
});
