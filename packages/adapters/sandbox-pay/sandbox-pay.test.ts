/** The sandbox bank: a believable provider by the port's suite, and every misbehaviour by a rule of its own. */
import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EpochMs, epochMs, fen, hourMs, minuteMs, ok, refuse, secondMs, type ZoneName } from "@chepiao/kernel";
import { createManualClock, type ManualClock } from "@chepiao/ports/clock";
import type { PaymentProvider, RawNotice, StartPayment } from "@chepiao/ports/payment-provider";
import { paymentProviderSuite } from "@chepiao/ports/payment-provider/payment-provider.suite.ts";
import { createSeededRandom } from "@chepiao/ports/random";
import { type Behaviour, createSandboxBank, createSandboxProvider } from "./index.ts";
import { type SandboxNotice, signNotice } from "./notice.ts";

const folder = mkdtempSync(join(tmpdir(), "sandbox-pay-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const merchant = {
  merchantId: "M-test",
  name: { zh: "车票 <Chepiao>", en: "Chepiao <Ltd>" },
  secret: "sandbox-secret",
};
const channel = "sandbox";
const start = epochMs(Date.UTC(2026, 10, 1));

type World = Awaited<ReturnType<typeof open>>;

/** A bank on a clock that stands still; notices land in a list unless `answer` says otherwise. */
async function open(options: { path?: string; clock?: ManualClock; reply?: (tried: number) => Response } = {}) {
  const clock = options.clock ?? createManualClock(start);
  const random = createSeededRandom(7);
  const tried: { at: EpochMs; notice: SandboxNotice; raw: RawNotice; url: string }[] = [];
  const bank = createSandboxBank({
    path: options.path ?? ":memory:",
    merchant,
    zone: "Asia/Shanghai" as ZoneName,
    clock,
    random,
    log: () => {},
    async send(url, init) {
      const raw = { headers: new Headers(init.headers), body: new TextEncoder().encode(init.body as string) };
      tried.push({ at: clock.now(), notice: noticeIn(raw), raw, url });
      return options.reply?.(tried.length) ?? new Response();
    },
  });
  const bankUrl = () => "https://site.example";
  const provider = createSandboxProvider({ merchant, bankUrl, ask: bank.fetch, clock, random, channel });
  const visit = async (url: string, init: RequestInit = {}) => (await bank.fetch(new Request(url, init)))!;
  return {
    clock,
    bank,
    provider,
    tried,
    visit,
    press: (url: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
      visit(url, { method: "POST", body: new URLSearchParams(form), headers }),
    close: async () => bank[Symbol.asyncDispose](),
  };
}

const noticeIn = ({ body }: RawNotice) => JSON.parse(new TextDecoder().decode(body)) as SandboxNotice;
const rawOf = (notice: object): RawNotice => ({
  headers: new Headers({ "content-type": "application/json" }),
  body: new TextEncoder().encode(JSON.stringify(notice)),
});

const payment: StartPayment = {
  paymentNo: "P00421234567890",
  amountFen: fen(55_300),
  subject: "G1 北京南 – 上海虹桥",
  language: "zh",
  payBy: epochMs(start + 15 * minuteMs),
  notifyUrl: "https://site.example/api/payment/callback/sandbox",
  returnUrl: "https://site.example/order/E00420000000000001",
};

const rule = (name: string, check: (world: World) => Promise<void>, options: Parameters<typeof open>[0] = {}) =>
  test(`sandbox bank: ${name}`, async () => {
    const world = await open(options);
    try {
      await check(world);
    } finally {
      await world.close();
    }
  });

async function paidWith({ provider, press, clock }: World, behaviour: Behaviour, seconds = 30): Promise<string> {
  const { payUrl } = await provider.start(payment);
  const response = await waitingOn(clock, press(payUrl, { action: "pay", behaviour, seconds: String(seconds) }));
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe(payment.returnUrl);
  return payUrl;
}
/** Lets time pass until the answer is there. */
async function waitingOn<T>(clock: ManualClock, answer: Promise<T>): Promise<T> {
  const state = { isThere: false };
  const settled = answer.finally(() => {
    state.isThere = true;
  });
  while (!state.isThere) {
    await Bun.sleep(0);
    if (!state.isThere) await clock.advance(100);
  }
  return settled;
}
const taken = async (provider: PaymentProvider) => (await provider.query(payment.paymentNo)).length;

paymentProviderSuite("sandbox", async () => {
  const world = await open();
  const { provider, press, clock, tried, close } = world;
  return {
    provider,
    async pay(paymentNo) {
      const { payUrl } = await provider.start({ ...payment, paymentNo });
      await press(payUrl, { action: "pay" });
      await clock.advance(0);
    },
    notice: async (paymentNo) => tried.findLast(({ notice }) => notice.paymentNo === paymentNo)!.raw,
    forged(raw) {
      const genuine = noticeIn(raw);
      return [
        { merchantId: "somebody" },
        { paymentNo: "P00000000000000000" },
        { tradeNo: `${genuine.tradeNo}0` },
        { amountFen: genuine.amountFen + 1 },
        { status: "failed" },
        { at: genuine.at + 1 },
        { nonce: `${genuine.nonce}0` },
        { signature: "" },
        { signature: genuine.signature.split("").reverse().join("") },
        { signature: signNotice("guess", genuine) },
        // Moving a character over the border between two fields must not keep the signature.
        { tradeNo: genuine.tradeNo.slice(0, -1), paymentNo: genuine.paymentNo + genuine.tradeNo.slice(-1) },
      ].map((change) => rawOf({ ...genuine, ...change }));
    },
    signsHeaders: false,
    // A second bank hears that answer to its first notice: does it tell again?
    async isTaken({ status, body, contentType }) {
      const other = await open({
        reply: () => new Response(body, { status, headers: { "content-type": contentType } }),
      });
      await paidWith(other, "normal");
      await other.clock.advance(minuteMs);
      await other.close();
      return other.tried.length === 1;
    },
    close,
  };
});

// Notices

rule("normally it tells the merchant at once", async (world) => {
  await paidWith(world, "normal");
  await world.clock.advance(secondMs);
  expect(world.tried).toHaveLength(1);
  expect(world.tried[0]!.url).toBe(payment.notifyUrl);
  expect(world.provider.readNotice(world.tried[0]!.raw).ok).toBe(true);
});

rule("a notice for another merchant, or with a field too many, is not ours although it is signed", async (world) => {
  await paidWith(world, "normal");
  await world.clock.advance(secondMs);
  const { notice } = world.tried[0]!;
  const signed = (change: object) => {
    const changed = { ...notice, ...change };
    return rawOf({ ...changed, signature: signNotice(merchant.secret, changed) });
  };
  expect(world.provider.readNotice(signed({})).ok).toBe(true);
  expect(world.provider.readNotice(signed({ merchantId: "M-other" }))).toEqual(refuse("merchant"));
  for (const change of [
    { more: 1 },
    { amountFen: 1.5 },
    { at: "now" },
    { status: "perhaps" },
    { tradeNo: "T".repeat(65) },
  ])
    expect(world.provider.readNotice(signed(change))).toEqual(refuse("malformed"));
});

rule("a late notice comes late, and the money can be asked for meanwhile", async (world) => {
  await paidWith(world, "late", 600);
  await world.clock.advance(599 * secondMs);
  expect(world.tried).toHaveLength(0);
  expect(await taken(world.provider)).toBe(1);
  await world.clock.advance(2 * secondMs);
  expect(world.tried).toHaveLength(1);
});

rule("money promised for later is taken then, once", async (world) => {
  const payUrl = await paidWith(world, "captureLate", 60);
  expect(await taken(world.provider)).toBe(0);
  await world.press(payUrl, { action: "pay", behaviour: "normal" });
  expect(await taken(world.provider)).toBe(0);
  await world.clock.advance(61 * secondMs);
  expect(await taken(world.provider)).toBe(1);
  await world.clock.advance(secondMs);
  expect(world.tried).toHaveLength(1);
});

rule("one notice sent twice is one trade told twice, freshly signed", async (world) => {
  await paidWith(world, "twice");
  await world.clock.advance(2 * secondMs);
  const [first, second] = world.tried.map(({ notice }) => notice);
  expect(first!.tradeNo).toBe(second!.tradeNo);
  expect(first!.nonce).not.toBe(second!.nonce);
});

rule("it can keep silent for ever", async (world) => {
  await paidWith(world, "never");
  await world.clock.advance(48 * hourMs);
  expect(world.tried).toEqual([]);
  expect(await taken(world.provider)).toBe(1);
});

rule("it can take the money twice", async (world) => {
  await paidWith(world, "payTwice");
  await world.clock.advance(secondMs);
  const trades = await world.provider.query(payment.paymentNo);
  expect(trades.map(({ amountFen }) => amountFen)).toEqual([payment.amountFen, payment.amountFen]);
  expect(new Set(world.tried.map(({ notice }) => notice.tradeNo)).size).toBe(2);
});

rule("it can be slow at everything", async (world) => {
  const { clock, provider, tried } = world;
  await paidWith(world, "slow");
  const [trade] = await waitingOn(clock, provider.query(payment.paymentNo));
  const order = { refundNo: "R1", paymentNo: payment.paymentNo, tradeNo: trade!.tradeNo, amountFen: payment.amountFen };
  expect(await waitingOn(clock, provider.refund(order))).toBe("pending");
  expect(clock.now() - start).toBeGreaterThanOrEqual(3 * 4 * secondMs);
  expect(tried).toHaveLength(1);
  await clock.advance(20 * secondMs);
  expect(await waitingOn(clock, provider.refund(order))).toBe("done");
});

rule(
  "a notice that is not taken comes again at growing distances, and ends",
  async (world) => {
    await paidWith(world, "normal");
    await world.clock.advance(60 * hourMs);
    const seconds = world.tried.map(({ at }) => (at - start) / secondMs);
    expect(seconds.slice(0, 6)).toEqual([0, 15, 30, 60, 240, 840]);
    expect(seconds).toHaveLength(16);
  },
  { reply: () => new Response(null, { status: 503 }) },
);

rule(
  "a notice is not repeated once it was taken",
  async (world) => {
    await paidWith(world, "normal");
    await world.clock.advance(24 * hourMs);
    expect(world.tried).toHaveLength(3);
  },
  { reply: (tried) => new Response(null, { status: tried < 3 ? 500 : 200 }) },
);

rule("a payer who declines is sent back, told of as failed, and may still pay", async (world) => {
  const { payUrl } = await world.provider.start(payment);
  expect((await world.press(payUrl, { action: "decline" })).status).toBe(303);
  await world.clock.advance(secondMs);
  expect(world.tried.map(({ notice }) => notice.status)).toEqual(["failed"]);
  expect(world.provider.readNotice(world.tried[0]!.raw)).toEqual(ok({ paymentNo: payment.paymentNo, trade: null }));
  await paidWith(world, "normal");
  expect(await taken(world.provider)).toBe(1);
});

test("sandbox bank: what it owes survives a restart: money, promises, notices and refunds", async () => {
  const clock = createManualClock(start);
  const path = join(folder, "bank.sqlite");
  const first = await open({ path, clock });
  await paidWith(first, "late", 60);
  const [trade] = await first.provider.query(payment.paymentNo);
  const order = { refundNo: "R1", paymentNo: payment.paymentNo, tradeNo: trade!.tradeNo, amountFen: fen(100) };
  expect(await first.provider.refund(order)).toBe("done");
  const other = { ...payment, paymentNo: "P00421234567891" };
  const { payUrl } = await first.provider.start(other);
  await first.press(payUrl, { action: "pay", behaviour: "captureLate", seconds: "30" });
  await first.close();
  await clock.advance(10 * secondMs);

  const second = await open({ path, clock });
  expect((await second.provider.start(other)).payUrl).toBe(payUrl);
  expect(await second.provider.query(payment.paymentNo)).toEqual([trade!]);
  expect(await second.provider.refund(order)).toBe("done");
  const rest = { ...order, refundNo: "R2", amountFen: payment.amountFen };
  expect(await second.provider.refund(rest).catch((error: Error) => error.message)).toContain("tooMuch");
  await clock.advance(60 * secondMs);
  expect(second.tried.map(({ notice }) => notice.paymentNo)).toEqual([other.paymentNo, payment.paymentNo]);
  await second.close();
});

test("sandbox bank: notices really go over HTTP", async () => {
  const got = Promise.withResolvers<RawNotice>();
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      got.resolve({ headers: request.headers, body: await request.bytes() });
      return new Response("ok");
    },
  });
  const clock = createManualClock(start);
  const random = createSeededRandom(1);
  const bank = createSandboxBank({
    path: ":memory:",
    merchant,
    zone: "Asia/Shanghai" as ZoneName,
    clock,
    random,
    log: () => {},
  });
  const bankUrl = () => "http://bank.example";
  const provider = createSandboxProvider({ merchant, bankUrl, ask: bank.fetch, clock, random, channel });
  const { payUrl } = await provider.start({ ...payment, notifyUrl: server.url.href });
  await bank.fetch(new Request(payUrl, { method: "POST", body: new URLSearchParams({ action: "pay" }) }));
  await clock.advance(0);
  expect(provider.readNotice(await got.promise).ok).toBe(true);
  await bank[Symbol.asyncDispose]();
  await server.stop(true);
});

test("sandbox bank: a bank that sends its callers elsewhere is not followed", async () => {
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      asked.push(new URL(request.url).pathname);
      return Response.redirect("/elsewhere", 307);
    },
  });
  const clock = createManualClock(start);
  const deps = { merchant, bankUrl: () => server.url.href, clock, random: createSeededRandom(1), channel };
  const provider = createSandboxProvider({ ...deps, ask: (request) => fetch(request) });
  const failed = await provider.start(payment).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failed).toBeInstanceOf(Error);
  expect(asked).toEqual(["/sandbox/pay/api/bill"]);
  await server.stop(true);
});

// The page

const textOf = async (response: Response) =>
  (await response.text()).replace(/<style>[^]*<\/style>/, "").replace(/<\/?span>/g, "");

rule("who does not pay comes back to an order that knows it at once", async (world) => {
  const { payUrl } = await world.provider.start(payment);
  const declined = await world.press(payUrl, { action: "decline" });
  expect(declined.headers.get("location")).toBe(`${payment.returnUrl}?outcome=declined`);
  expect((await world.press(payUrl, { action: "pay" })).headers.get("location")).toBe(payment.returnUrl);
  // Money that is in is not declined by a page that was left open.
  expect((await world.press(payUrl, { action: "decline" })).headers.get("location")).toBe(payment.returnUrl);
});

rule(
  "the page shows amount, payee, what for, time left and that no money is real, in both languages",
  async (world) => {
    const { payUrl } = await world.provider.start(payment);
    await world.clock.advance(2 * minuteMs + 30 * secondMs);
    const zh = await textOf(await world.visit(payUrl, { headers: { "accept-language": "en-GB" } }));
    for (const part of [
      "¥553",
      "G1 北京南 – 上海虹桥",
      "还剩 12 分 30 秒",
      "不涉及真实资金",
      "放弃支付",
      'lang="zh-CN"',
    ]) {
      expect(zh).toContain(part);
    }
    // Whoever comes again has changed the language of the site meanwhile.
    await world.provider.start({ ...payment, subject: "G1 Beijing South – Shanghai Hongqiao", language: "en" });
    const en = await textOf(await world.visit(payUrl, { headers: { "accept-language": "zh-CN" } }));
    for (const part of [
      "Pay ¥553",
      "G1 Beijing South – Shanghai Hongqiao",
      "Chepiao &lt;Ltd&gt;",
      "12 min 30 s left",
      "No money is real",
      "Cancel payment",
      'lang="en"',
    ]) {
      expect(en).toContain(part);
    }
    expect(en).not.toMatch(/\p{Script=Han}/u);
  },
);

rule("nothing from outside becomes markup, nothing is loaded, nothing runs", async (world) => {
  const subject = `"><script>alert(1)</script><img src=x onerror='x'>&`;
  const { payUrl } = await world.provider.start({ ...payment, subject });
  const response = await world.visit(payUrl);
  const text = await response.text();
  expect(text).not.toContain("<script");
  expect(text).not.toContain("<img");
  expect(text).toContain("车票 &lt;Chepiao&gt;");
  const policy = response.headers.get("content-security-policy")!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("form-action 'self' https://site.example");
  expect(policy).toContain("frame-ancestors 'none'");
  const style = /<style>([^]*)<\/style>/.exec(text)![1]!;
  const hash = new Bun.CryptoHasher("sha256").update(style).digest("base64");
  expect(policy).toContain(`style-src 'sha256-${hash}'`);
});

rule("without the key of the page there is no page, and another site cannot press its buttons", async (world) => {
  const { payUrl } = await world.provider.start(payment);
  const bare = payUrl.split("?")[0]!;
  expect((await world.visit(bare)).status).toBe(404);
  expect((await world.press(`${bare}?key=guess`, { action: "pay" })).status).toBe(404);
  expect((await world.visit(bare.replace("P0042", "P0043"))).status).toBe(404);
  expect((await world.press(payUrl, { action: "pay" }, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect(await taken(world.provider)).toBe(0);
  expect((await world.press(payUrl, { action: "pay" }, { "sec-fetch-site": "same-origin" })).status).toBe(303);
});

rule("pressing twice pays once, and then the page is a receipt", async (world) => {
  const payUrl = await paidWith(world, "normal");
  expect((await world.press(payUrl, { action: "pay" })).status).toBe(303);
  const trades = await world.provider.query(payment.paymentNo);
  expect(trades).toHaveLength(1);
  const receipt = await (await world.visit(payUrl)).text();
  expect(receipt).toContain(trades[0]!.tradeNo);
  expect(receipt).not.toContain("<form");
});

rule("after its time a payment is taken only late, and the page says what comes of it", async (world) => {
  const { payUrl } = await world.provider.start(payment);
  await world.clock.advance(16 * minuteMs);
  await world.provider.start({ ...payment, language: "en" });
  const text = await (await world.visit(payUrl)).text();
  expect(text).toContain("the money comes back by itself");
  expect(text).toContain('value="late" checked');
  expect(text).not.toContain('value="normal"');
  expect((await world.press(payUrl, { action: "pay", behaviour: "normal" })).status).toBe(409);
  expect(await taken(world.provider)).toBe(0);
  expect((await world.press(payUrl, { action: "pay", behaviour: "late", seconds: "1" })).status).toBe(303);
  expect(await taken(world.provider)).toBe(1);
});

rule("a form that makes no sense takes nothing", async (world) => {
  const { payUrl } = await world.provider.start(payment);
  for (const form of [
    {},
    { action: "steal" },
    { action: "pay", behaviour: "toString" },
    { action: "pay", behaviour: "late", seconds: "-5" },
    { action: "pay", behaviour: "late", seconds: "1e9" },
    { action: "pay", seconds: "x".repeat(20_000) },
  ]) {
    expect((await world.press(payUrl, form)).status).toBe(400);
  }
  expect((await world.visit(payUrl, { method: "DELETE" })).status).toBe(405);
  expect(await taken(world.provider)).toBe(0);
});

// The merchant's calls

rule("a merchant's call that is not signed, or was signed for another body or long ago, is refused", async (world) => {
  const { bank, clock } = world;
  const asked: Request[] = [];
  const spy = async (request: Request) => {
    asked.push(request.clone());
    return bank.fetch(request);
  };
  const bankUrl = () => "https://site.example";
  const random = createSeededRandom(3);
  await createSandboxProvider({ merchant, bankUrl, ask: spy, clock, random, channel }).start(payment);
  const [good] = asked;
  const body = await good!.text();
  const call = async (headers: HeadersInit, content: string) =>
    (await bank.fetch(new Request(good!.url, { method: "POST", headers, body: content })))!.status;
  expect(await call(good!.headers, body)).toBe(200);
  expect(await call({}, body)).toBe(401);
  expect(await call(good!.headers, body.replace("55300", "1"))).toBe(401);
  await clock.advance(6 * minuteMs);
  expect(await call(good!.headers, body)).toBe(401);
  const stranger = createSandboxProvider({
    merchant: { ...merchant, secret: "guess" },
    bankUrl,
    ask: spy,
    clock,
    random,
    channel,
  });
  expect(await stranger.query(payment.paymentNo).catch((error: Error) => error.message)).toContain("401");
});

rule("a payment number stands for one amount", async ({ provider }) => {
  await provider.start(payment);
  const error = await provider.start({ ...payment, amountFen: fen(1) }).catch((reason: Error) => reason);
  expect(error).toBeInstanceOf(Error);
});

rule("what is not the bank's is left to others", async ({ bank }) => {
  expect(await bank.fetch(new Request("https://site.example/api/payment"))).toBeNull();
});

test("books that were opened before bills had a language are read on", async () => {
  const path = join(folder, "older.sqlite");
  const older = new Database(path, { create: true });
  older.exec(`create table bill (
    payment_no text primary key, key text not null, amount_fen integer not null, subject text not null,
    pay_by integer not null, notify_url text not null, return_url text not null, slow integer not null default 0)`);
  older
    .query(
      "insert into bill (payment_no, key, amount_fen, subject, pay_by, notify_url, return_url) values (?, ?, ?, ?, ?, ?, ?)",
    )
    .run("P1", "k", 100, "G1", start + minuteMs, payment.notifyUrl, payment.returnUrl);
  older.close();
  const world = await open({ path });
  expect(await (await world.visit("https://site.example/sandbox/pay/P1?key=k")).text()).toContain('lang="zh-CN"');
  await world.close();
});
