/** A scripted passenger: walks the whole road through the public API, as any client would, and says what happens at each step. */
import { formatMoney, fen } from "@chepiao/kernel";
import encodeQr from "qr";
import {
  type Accepted,
  type ClassOffer,
  type LoginAnswer,
  type Order,
  type Passenger,
  type Payment,
  type Problem,
  readTicketCode,
  type RefundQuote,
  type SeatClass,
  seatClasses,
  type TicketsAnswer,
  type TrainOffer,
  type VerificationKeys,
  type Railway,
} from "@chepiao/contracts";
import { demoAccount } from "../data/demo/account.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { seatWords } from "./seatWords.ts";
import { verifierOf } from "./verifyTicket.ts";

const help = `npm run chepiao -- buy [options]

Walks the whole road on a running platform: search, hold, pay, ticket, check, refund.

  --url URL          the platform               http://localhost:8080
  --from PLACE       station or city            北京
  --to PLACE         station or city            上海
  --date YYYY-MM-DD  boarding date              tomorrow at the railway
  --train NUMBER     take this train            the first with seats
  --class CLASS      ${seatClasses.join(", ")}
  --passengers N     1 to 5 of the saved ones   2
  --keep             keep the tickets instead of giving the first one back
  --user NAME --password WORD                   the demo login`;

const options = {
  url: { type: "string", default: "http://localhost:8080" },
  from: { type: "string", default: "北京" },
  to: { type: "string", default: "上海" },
  date: { type: "string" },
  train: { type: "string" },
  class: { type: "string" },
  passengers: { type: "string", default: "2" },
  keep: { type: "boolean", default: false },
  user: { type: "string", default: demoAccount.account.username },
  password: { type: "string", default: demoAccount.account.password },
} as const;

/** The platform said no, or cannot be reached. */
class Refused extends Error {}

export const buyCommand: Command = {
  about: "a scripted passenger walks the whole road, step by step",
  help,
  async run(args) {
    const { values } = readArgs(args, options, help);
    const partySize = Number(values.passengers);
    if (!Number.isInteger(partySize) || partySize < 1 || partySize > 5)
      throw new UsageError("--passengers takes 1 to 5.");
    if (values.class !== undefined && !seatClasses.includes(values.class as SeatClass)) {
      throw new UsageError(`--class takes one of ${seatClasses.join(", ")}.`);
    }
    try {
      await walk({ ...values, partySize });
      return 0;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      console.error(`✗ ${error.message}`);
      return 1;
    }
  },
};

type Wishes = {
  readonly url: string;
  readonly from: string;
  readonly to: string;
  readonly date?: string | undefined;
  readonly train?: string | undefined;
  readonly class?: string | undefined;
  readonly partySize: number;
  readonly keep: boolean;
  readonly user: string;
  readonly password: string;
};

async function walk(wishes: Wishes) {
  const api = createApi(wishes.url);
  ({ currency, languages } = await api.get<Railway>("/api/policy"));

  step("Log in");
  const { user } = await api.logIn(wishes.user, wishes.password);
  tell(`${user.username} (${user.realName}, ${user.documentMasked})`);
  const { passengers } = await api.get<{ passengers: Passenger[] }>("/api/user/passengers");
  if (passengers.length < wishes.partySize) throw new Refused(`Only ${passengers.length} passengers are saved.`);
  const party = passengers.slice(0, wishes.partySize);
  tell(`travelling: ${party.map((one) => `${one.name} (${one.ticketType})`).join(", ")}`);

  step("Find a train");
  const date = wishes.date ?? (await tomorrow(api));
  const place = { from: wishes.from, to: wishes.to, date };
  const found = await api.get<TicketsAnswer>(`/api/search/tickets?${new URLSearchParams(place).toString()}`);
  tell(`${found.trains.length} trains ${wishes.from} → ${wishes.to} on ${date}`);
  const { train, offer } = choose(found.trains, wishes);
  tell(`${train.trainNumber}  ${train.from.name} ${clock(train.departAt)} → ${train.to.name} ${clock(train.arriveAt)}`);
  tell(`${offer.seatClass}: ${offer.free} free, ${money(offer.fareFen)} each`);

  step("Order");
  const accepted = await api.post<Accepted>(
    "/api/order",
    {
      trainNumber: train.trainNumber,
      originDate: train.originDate,
      from: train.from.stationId,
      to: train.to.stationId,
      seatClass: offer.seatClass,
      passengers: party.map(({ passengerId }) => ({ passengerId })),
    },
    { "idempotency-key": crypto.randomUUID() },
  );
  tell(
    `202: ${accepted.orderNo}, seats ${accepted.seats.map(seat).join(languages[0] === "zh" ? " " : "; ")} (${accepted.together}), ${money(accepted.totalFen)}`,
  );
  const held = await api.follow(accepted.orderNo, (order) => order.state !== "accepted");
  if (held.state !== "pendingPayment") throw new Refused(`The order is ${held.state}: ${held.endedBecause ?? ""}`);
  tell(`${held.state}, pay by ${clock(held.payBy)}`);

  step("Pay");
  const payment = await api.post<Payment>("/api/payment", { orderNo: accepted.orderNo, returnUrl: "/" });
  tell(`hosted page: ${payment.payUrl}`);
  await api.payAtBank(payment.payUrl!);
  const ticketed = await api.follow(accepted.orderNo, (order) => order.state === "ticketed");
  tell(`the bank's notice came: ${ticketed.state}`);

  step("Tickets");
  const order = await api.get<Order>(`/api/order/${accepted.orderNo}`);
  const { keys } = await api.get<VerificationKeys>("/api/ticket/key");
  for (const ticket of order.tickets) {
    const valid = readTicketCode(ticket.code ?? "", verifierOf(keys)) !== null;
    tell(
      `${seat(ticket.seat)}  ${ticket.passengerName}  ${money(ticket.fareFen)}  code ${valid ? "verified offline ✓" : "INVALID"}`,
    );
  }
  if (process.stdout.isTTY) console.log(encodeQr(order.tickets[0]!.code!, "ascii"));

  if (wishes.keep) return;
  step("Give the first one back");
  const [first] = order.tickets;
  const quote = await api.get<RefundQuote>(`/api/order/${order.orderNo}/refund`);
  const terms = quote.tickets.find(({ ticketNo }) => ticketNo === first!.ticketNo)!;
  tell(`fee ${money(terms.feeFen)}, refund ${money(terms.refundFen)} (${terms.ruleName.en})`);
  await api.post(`/api/order/${order.orderNo}/refund`, { ticketNos: [first!.ticketNo], feeFenMax: terms.feeFen });
  const settled = await api.follow(order.orderNo, ({ tickets }) => tickets[0]!.state === "refunded");
  tell(settled.tickets.map((ticket) => `${seat(ticket.seat)} ${ticket.state}`).join(", "));
  console.log("\n✓ The whole road works.");
}

function choose(trains: readonly TrainOffer[], wishes: Wishes): { train: TrainOffer; offer: ClassOffer } {
  for (const train of trains) {
    if (wishes.train !== undefined && train.trainNumber !== wishes.train) continue;
    if (train.sale !== "open") continue;
    const offer = train.classes.find(
      ({ seatClass, free, sellable }) =>
        sellable &&
        free >= wishes.partySize &&
        (wishes.class === undefined ? seatClass !== "business" : seatClass === wishes.class),
    );
    if (offer) return { train, offer };
  }
  throw new Refused("No train on sale has that many seats.");
}

async function tomorrow(api: Api): Promise<string> {
  const { days } = await api.get<{ days: { date: string }[] }>("/api/search/calendar");
  return days[1]!.date;
}

type Api = ReturnType<typeof createApi>;

function createApi(baseUrl: string) {
  let token = "";
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(new URL(path, baseUrl), {
      method,
      headers: {
        "accept-language": "en",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new Refused(`Nothing answers at ${baseUrl}. Is it running? Start it with npm start.`);
    });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => null)) as Problem | null;
    const fields = problem?.fields?.map((field) => `\n  ${field.path}: ${field.message}`).join("") ?? "";
    throw new Refused(
      problem ? `${problem.title} (${problem.code})${fields}` : `${method} ${path}: ${response.status}`,
    );
  }
  async function get<T>(path: string): Promise<T> {
    return (await (await call("GET", path)).json()) as T;
  }
  async function post<T>(path: string, body: unknown, headers?: Record<string, string>): Promise<T> {
    return (await (await call("POST", path, body, headers)).json()) as T;
  }
  return {
    get,
    post,
    async logIn(username: string, password: string): Promise<LoginAnswer> {
      const answer = await post<LoginAnswer>("/api/user/login", { username, password });
      token = answer.token;
      return answer;
    },
    /** Follows the order's events until it is as wanted, or has ended. */
    async follow(orderNo: string, wanted: (order: Order) => boolean): Promise<Order> {
      const response = await call("GET", `/api/order/${orderNo}/events`);
      let text = "";
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const events = text.split("\n\n");
        text = events.pop()!;
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1];
          const order = data === undefined ? null : (JSON.parse(data) as Order);
          if (order && (wanted(order) || ["rejected", "expired", "cancelled"].includes(order.state))) return order;
        }
      }
      throw new Refused("The platform stopped telling about the order.");
    },
    /** What the payer does in a browser: opens the bank's page and presses its button. */
    async payAtBank(payUrl: string) {
      const fields = new URLSearchParams({ action: "pay", behaviour: "normal" });
      const response = await fetch(payUrl, { method: "POST", body: fields, redirect: "manual" });
      if (response.status >= 400) throw new Refused(`The bank refused: ${response.status}`);
    },
  };
}

const step = (what: string) => console.log(`\n■ ${what}`);
const tell = (what: string) => console.log(`  ${what}`);
/** As the platform says, once it was asked. */
let languages: Railway["languages"] = ["zh"];
let currency: Railway["currency"] = { code: "CNY", minorUnits: 2 };
const money = (amount: number) => formatMoney(fen(amount), { language: "en", currency });
const seat = (label: string) => seatWords(label, languages);
const clock = (instant: string) => instant.slice(11, 16);
