/** Passengers who do everything right: they search, buy, pay at the bank, give back, cancel. Without them there would be nothing to break. */
import type { Accepted, Order, Payment, TicketsAnswer } from "@chepiao/contracts";
import type { Prng } from "@chepiao/kernel";
import type { Answer } from "./answer.ts";
import { readJson } from "./document.ts";
import { drawTrip, keyOf, type World } from "./draw.ts";
import type { Account, FuzzRequest } from "./request.ts";

export type Ask = (request: FuzzRequest) => Promise<Answer | null>;

type Journey = { readonly world: World; readonly account: Account; readonly ask: Ask; readonly prng: Prng };

const bank = ["normal", "normal", "late", "captureLate", "twice", "never", "payTwice", "decline"] as const;

export async function travel(world: World, ask: Ask, prng: Prng): Promise<void> {
  const account = prng.pick(world.accounts);
  const journey = { world, account, ask, prng };
  const { trainNumber, originDate, from, to, seatClass } = drawTrip(world.trips, prng);
  const found = await get<TicketsAnswer>(
    journey,
    "search.tickets",
    `/api/search/tickets?from=${from}&to=${to}&date=${originDate}`,
  );
  world.known.learn(found);
  const saved = await get<{ passengers: { passengerId: number }[] }>(
    journey,
    "user.listPassengers",
    "/api/user/passengers",
  );
  if (!saved) return;

  const purchase = {
    trainNumber,
    originDate,
    from,
    to,
    seatClass,
    passengers: party(saved.passengers, prng).map(({ passengerId }) => ({ passengerId })),
  };
  const key = keyOf(prng);
  const submit = () => post<Accepted>(journey, "order.submit", "/api/order", purchase, [["idempotency-key", key]]);
  const asked = await Promise.all(prng.chance(0.2) ? [submit(), submit()] : [submit()]);
  const accepted = asked.find((each) => each?.orderNo !== undefined);
  if (!accepted) return;
  const { orderNo } = accepted;
  const at = `/api/order/${orderNo}`;
  world.known.learn(accepted, account.userId);
  if (prng.chance(0.15)) return;
  if (!(await reaches(journey, orderNo, "pendingPayment"))) return;
  if (prng.chance(0.2)) return void (await post(journey, "order.cancel", `${at}/cancel`, undefined));

  const payment = await post<Payment>(journey, "payment.pay", "/api/payment", { orderNo });
  if (!payment?.payUrl) return;
  world.known.learn(payment, account.userId);
  await get(journey, "payment.status", `/api/payment/${orderNo}`);
  const { pathname, search } = new URL(payment.payUrl);
  await payAt(journey, pathname + search);
  if (!(await reaches(journey, orderNo, "ticketed"))) return;
  await get(journey, "order.refundQuote", `${at}/refund`);
  await get(journey, "order.list", "/api/order?limit=5");
  if (prng.chance(0.4)) return;
  const order = await get<Order>(journey, "order.get", at);
  world.known.learn(order, account.userId);
  const ticketNos = order?.tickets.map(({ ticketNo }) => ticketNo).filter(() => prng.chance(0.7)) ?? [];
  if (ticketNos.length > 0) await post(journey, "order.refund", `${at}/refund`, { ticketNos });
}

/** Neighbours in the list of the account, which always has its owner. */
function party<T>(passengers: readonly T[], prng: Prng): T[] {
  const first = prng.below(passengers.length);
  return passengers.slice(first, first + 1 + prng.below(3));
}

async function payAt({ world, ask, prng }: Journey, target: string): Promise<void> {
  const behaviour = prng.pick(bank);
  const form = behaviour === "decline" ? "action=decline" : `action=pay&behaviour=${behaviour}&seconds=1`;
  const request: FuzzRequest = {
    method: "POST",
    target,
    headers: [["content-type", "application/x-www-form-urlencoded"]],
    body: Buffer.from(form),
    chunkBytes: null,
    account: null,
    operation: null,
    strict: false,
    how: ["the bank's page"],
  };
  world.known.keepRequest(request);
  await ask(request);
}

const pollsMax = 30;

async function reaches(journey: Journey, orderNo: string, state: Order["state"]): Promise<boolean> {
  for (let poll = 0; poll < pollsMax; poll++) {
    const order = await get<Order>(journey, "order.get", `/api/order/${orderNo}`);
    if (!order || order.state === state) return order !== null;
    if (order.state !== "accepted" && order.state !== "pendingPayment" && order.state !== "paid") return false;
    await Bun.sleep(10 + poll * 10);
  }
  return false;
}

const get = <T>(journey: Journey, id: string, target: string): Promise<T | null> =>
  send<T>(journey, id, target, null, []);
const post = <T>(
  journey: Journey,
  id: string,
  target: string,
  body: unknown,
  headers: FuzzRequest["headers"] = [],
): Promise<T | null> =>
  send<T>(journey, id, target, body === undefined ? null : Buffer.from(JSON.stringify(body)), [
    ...headers,
    ...(body === undefined ? [] : ([["content-type", "application/json"]] as FuzzRequest["headers"])),
  ]);

/** The body of a success. */
async function send<T>(
  { world, account, ask }: Journey,
  id: string,
  target: string,
  body: Buffer | null,
  headers: FuzzRequest["headers"],
): Promise<T | null> {
  const operation = world.document.operations.find((each) => each.id === id) ?? null;
  const request: FuzzRequest = {
    method: operation?.method ?? "GET",
    target,
    headers: [["authorization", `Bearer ${account.token}`], ...headers],
    body,
    chunkBytes: null,
    account,
    operation,
    strict: operation !== null,
    how: ["a journey"],
  };
  world.known.keepRequest(request);
  const answer = await ask(request);
  return answer && answer.status < 300 ? (readJson(answer.body) as T) : null;
}
