/**
 * A bank to practise with: a hosted page, signed notices over HTTP, a status query and refunds, all of which can be told to
 * misbehave. It keeps its own file, knows nothing of the platform but what a merchant tells a bank, and moves no real money.
 *
 *   GET, POST /sandbox/pay/:paymentNo?key=…   the payer's page
 *   POST /sandbox/pay/api/bill                the merchant, signed
 *   GET  /sandbox/pay/api/query?paymentNo=…
 *   POST /sandbox/pay/api/refund
 *   GET  /sandbox/pay/api/statement?day=…
 */
import { timingSafeEqual } from "node:crypto";
import {
  addDays,
  type CurrencyForm,
  epochMs,
  fen,
  instantOfClock,
  parseServiceDate,
  secondMs,
  type ZoneName,
} from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { RefundOrder, StartPayment } from "@chepiao/ports/payment-provider";
import type { Random } from "@chepiao/ports/random";
import { behaviours, delaySecondsMax, isBehaviour } from "./behaviours.ts";
import { createDeliveryRunner, type Send } from "./deliveries.ts";
import type { Html } from "./html.ts";
import { type Bill, openLedger } from "./ledger.ts";
import { pageHeaders, payPage, receiptPage, unknownPage } from "./page.ts";
import { callIsSigned } from "./signing.ts";
import { type Language, languageOf } from "./pageTexts.ts";

export type SandboxBankDeps = {
  /** The bank's SQLite file; `":memory:"` forgets. */
  readonly path: string;
  readonly merchant: {
    readonly merchantId: string;
    readonly name: Readonly<Record<Language, string>>;
    readonly secret: string;
  };
  /** What amounts are in; yuan where it is left out. */
  readonly currency?: CurrencyForm;
  readonly zone: ZoneName;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
  /** Posts a notice; the network where it is left out. */
  readonly send?: Send;
  /** It answers beside the bank that delivers, on the same books, and posts nothing itself. */
  readonly isBeside?: true;
  /** Stretches every delay of the bank: 1 is as real ones do, 0.001 for tests. */
  readonly scale?: number;
};

export type SandboxBank = AsyncDisposable & {
  /** Answers what is the bank's, null for everything else. */
  fetch(request: Request): Promise<Response | null>;
};

const root = "/sandbox/pay/";
const bodyCharactersMax = 8_192;
const slowAnswerMs = 4 * secondMs;
const slowRefundMs = 20 * secondMs;

export function createSandboxBank(deps: SandboxBankDeps): SandboxBank {
  const { merchant, currency, zone, clock, random, log, scale = 1 } = deps;
  const ledger = openLedger(deps.path, scale);
  const send: Send = deps.send ?? ((url, init) => fetch(url, init));
  const deliveries = createDeliveryRunner({ ledger, merchant, clock, random, send, scale, log });
  if (!deps.isBeside) deliveries.arm();

  // The merchant's side

  async function api(request: Request, call: string): Promise<Response> {
    const body = request.method === "POST" ? await request.text() : "";
    if (body.length > bodyCharactersMax) return fault(413, "too long");
    if (!callIsSigned(merchant, request, body, clock.now())) return fault(401, "not signed by a merchant of ours");
    const route = `${request.method} ${call}`;
    if (route === "GET query") return query(new URL(request.url).searchParams.get("paymentNo") ?? "");
    if (route === "POST bill") return bill(body);
    if (route === "POST refund") return refund(body);
    if (route === "GET statement") return statement(new URL(request.url).searchParams.get("day") ?? "");
    return fault(404, "no such call");
  }

  function bill(body: string): Response {
    const wanted = startFrom(body);
    if (!wanted) return fault(400, "not understood");
    if (!ledger.openBill(wanted, random.token(16))) return fault(409, "the number stands for another amount");
    const { paymentNo, key } = ledger.bill(wanted.paymentNo)!;
    return Response.json({ page: `${root}${encodeURIComponent(paymentNo)}?key=${encodeURIComponent(key)}` });
  }

  async function query(paymentNo: string): Promise<Response> {
    await beSlow(ledger.bill(paymentNo));
    return Response.json({ trades: ledger.trades(paymentNo) });
  }

  async function refund(body: string): Promise<Response> {
    const order = refundFrom(body);
    if (!order) return fault(400, "not understood");
    const known = ledger.bill(order.paymentNo);
    await beSlow(known);
    const doneAt = ledger.refund(order, epochMs(clock.now() + (known?.slow ? slowRefundMs * scale : 0)));
    if (typeof doneAt === "string") return fault(409, doneAt);
    return Response.json({ state: clock.now() >= doneAt ? "done" : "pending" });
  }

  /** Of a day under way it says what has happened until now; a refund that takes its time is on it once it is done. */
  function statement(said: string): Response {
    const day = parseServiceDate(said);
    if (!day) return fault(400, "not understood");
    const until = Math.min(instantOfClock(addDays(day, 1), 0, zone), clock.now() + 1);
    return Response.json({ lines: ledger.statement(instantOfClock(day, 0, zone), epochMs(until)) });
  }

  const beSlow = (known: Bill | null) => (known?.slow ? sleep(clock, slowAnswerMs * scale) : Promise.resolve());

  // The payer's side

  async function show(request: Request, paymentNo: string): Promise<Response> {
    const known = ledger.bill(paymentNo);
    // The merchant has asked the payer; the browser may have come with another language than it is read in.
    const language = known?.language ?? languageOf(request.headers.get("accept-language"));
    const key = new URL(request.url).searchParams.get("key") ?? "";
    if (!known || !isSame(key, known.key)) return answer(404, unknownPage(language));
    if (request.method === "GET") return answer(200, pageOf(known, language), known);
    if (request.method === "POST") return press(request, known, language);
    return new Response(null, { status: 405, headers: { allow: "GET, POST" } });
  }

  async function press(request: Request, known: Bill, language: Language): Promise<Response> {
    // A payer who has the page's key may press its buttons; another site that learned the address may not press them for him.
    const site = request.headers.get("sec-fetch-site");
    if (site !== null && site !== "same-origin" && site !== "none") return fault(403, "not from this page");
    const text = await request.text();
    const form = new URLSearchParams(text.length <= bodyCharactersMax ? text : "");
    const scene = sceneOf(known, language);
    const action = form.get("action");
    const behaviour = form.get("behaviour") ?? "normal";
    const seconds = Number(form.get("seconds") ?? 30);
    const isSound = isBehaviour(behaviour) && Number.isInteger(seconds) && seconds >= 1 && seconds <= delaySecondsMax;
    if ((action !== "pay" && action !== "decline") || !isSound) return answer(400, payPage(scene, "badForm"), known);
    if (action === "decline") {
      ledger.decline(known.paymentNo, clock.now());
    } else if (!isTaken(known)) {
      const { afterDeadline } = behaviours[behaviour];
      if (clock.now() >= known.payBy && !afterDeadline) return answer(409, payPage(scene, "tooLate"), known);
      ledger.charge(known.paymentNo, behaviour, seconds * secondMs, clock.now());
      await beSlow(ledger.bill(known.paymentNo));
    }
    deliveries.arm();
    return new Response(null, {
      status: 303,
      headers: { location: backFrom(known, action), "cache-control": "no-store" },
    });
  }

  /** The way back tells the site that shows the page that nothing was paid; whether something was, only a notice or a query says. */
  function backFrom({ returnUrl, paymentNo }: Bill, action: "pay" | "decline"): string {
    if (action === "pay" || ledger.trades(paymentNo).length > 0 || ledger.isPromised(paymentNo)) return returnUrl;
    const url = new URL(returnUrl);
    url.searchParams.set("outcome", "declined");
    return url.href;
  }

  const sceneOf = (known: Bill, language: Language) => ({
    language,
    zone,
    merchantName: merchant.name[language],
    ...(currency ? { currency } : {}),
    bill: known,
    now: clock.now(),
  });
  const isTaken = ({ paymentNo }: Bill) => ledger.trades(paymentNo).length > 0 || ledger.isPromised(paymentNo);
  const pageOf = (known: Bill, language: Language): Html => {
    const scene = sceneOf(known, language);
    if (!isTaken(known)) return payPage(scene);
    return receiptPage(scene, ledger.trades(known.paymentNo), ledger.givenBack(known.paymentNo));
  };

  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith(root)) return null;
      const rest = pathname.slice(root.length);
      return rest.startsWith("api/") ? api(request, rest.slice("api/".length)) : show(request, rest);
    },
    async [Symbol.asyncDispose]() {
      await deliveries.close();
      ledger.close();
    },
  };
}

const fault = (status: number, error: string): Response => Response.json({ error }, { status });
const answer = (status: number, body: Html, known?: Bill): Response =>
  new Response(body.text, { status, headers: pageHeaders(known?.returnUrl) });

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

// What merchants send. Signed does not mean well formed.

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (body: string): Fields => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
};
const isText = (value: unknown, lengthMax: number): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= lengthMax;
const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isAddress = (value: unknown): value is string =>
  isText(value, 1_000) && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

function startFrom(body: string): StartPayment | null {
  const { paymentNo, amountFen, subject, language, payBy, notifyUrl, returnUrl } = fieldsOf(body);
  if (!isText(paymentNo, 64) || !isText(subject, 200) || !isAmount(amountFen) || !Number.isSafeInteger(payBy))
    return null;
  if (!isAddress(notifyUrl) || !isAddress(returnUrl) || (language !== "zh" && language !== "en")) return null;
  const due = epochMs(payBy as number);
  return { paymentNo, amountFen: fen(amountFen), subject, language, payBy: due, notifyUrl, returnUrl };
}

function refundFrom(body: string): RefundOrder | null {
  const { refundNo, paymentNo, tradeNo, amountFen } = fieldsOf(body);
  if (!isText(refundNo, 128) || !isText(paymentNo, 64) || !isText(tradeNo, 64) || !isAmount(amountFen)) return null;
  return { refundNo, paymentNo, tradeNo, amountFen: fen(amountFen) };
}
