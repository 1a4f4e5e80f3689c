/**
 * People who buy, pay, change, cancel and give back at random, keep a record of every answer, and do not mind when the platform goes
 * away under their hands: they ask again with the same key, as real clients do.
 */
import type {
  Accepted,
  ChangeRequest,
  Order,
  OrderRequest,
  Payment,
  SeatClass,
  WaitlistEntry,
} from "@chepiao/contracts";
import type { Prng } from "@chepiao/kernel";
import type { TestUser, World } from "./world.ts";

export type Answers = {
  /** Orders answered with 202, by user and key. */
  readonly accepted: Map<string, string>;
  readonly sent: Set<string>;
  /** How often each status was heard. */
  readonly heard: Map<number, number>;
  /** What should never have been answered. */
  readonly wrong: string[];
};
export const createAnswers = (): Answers => ({ accepted: new Map(), sent: new Set(), heard: new Map(), wrong: [] });

export type Crowd = {
  readonly world: World;
  readonly url: string;
  readonly record: Answers;
  readonly seatClass: SeatClass;
  /** What the bank may do about a payment, each as likely as the others; everything, where nothing is said. */
  readonly bank?: readonly BankBehaviour[];
  /** Goes on until this says no more. */
  readonly goOn: () => boolean;
};

const bankBehaviours = ["normal", "normal", "late", "captureLate", "twice", "never", "payTwice"] as const;
export type BankBehaviour = (typeof bankBehaviours)[number];
const giveUpAfterMs = 30_000;
const turnedAwayMs = 200;

/** One person's doings: order after order, each taken as far as chance decides. */
export async function travel(crowd: Crowd, user: TestUser, prng: Prng): Promise<void> {
  for (let n = 0; crowd.goOn(); n++) {
    const key = `${user.userId}-${n}-${prng.below(2 ** 31)}`;
    const accepted = await buy(crowd, user, key, randomRequest(crowd, user, prng));
    if (!accepted) continue;
    const then = prng.next();
    if (then < 0.15) continue;
    if (then < 0.3) {
      await call(crowd, user, "POST", `/api/order/${accepted.orderNo}/cancel`);
      continue;
    }
    if (!(await pay(crowd, user, accepted.orderNo, prng))) continue;
    if (prng.chance(0.4)) await changeTickets(crowd, user, accepted.orderNo, prng);
    if (prng.chance(0.4)) await giveBack(crowd, user, accepted.orderNo, prng);
  }
}

function randomRequest({ world, seatClass }: Crowd, user: TestUser, prng: Prng): OrderRequest {
  const from = prng.below(world.stations.length - 1);
  const to = from + 1 + prng.below(world.stations.length - 1 - from);
  const party = [...user.passengerIds].sort(() => prng.next() - 0.5).slice(0, 1 + prng.below(user.passengerIds.length));
  return {
    trainNumber: prng.pick(world.trains),
    originDate: world.date,
    from: world.stations[from]!,
    to: world.stations[to]!,
    seatClass,
    passengers: party.map((passengerId) => ({ passengerId })),
  };
}

/** Submits until there is an answer: a purchase that was not answered may or may not have happened, and only its key can tell. */
export const buy = (crowd: Crowd, user: TestUser, key: string, request: OrderRequest): Promise<Accepted | null> =>
  submit(crowd, user, key, "/api/order", request);

async function submit(
  crowd: Crowd,
  user: TestUser,
  key: string,
  path: string,
  request: ChangeRequest | OrderRequest,
): Promise<Accepted | null> {
  const { record } = crowd;
  const known = `${user.userId} ${key}`;
  record.sent.add(known);
  const answer = await call<Accepted>(crowd, user, "POST", path, request, { "idempotency-key": key });
  if (answer?.status !== 202) return null;
  const before = record.accepted.get(known);
  if (before && before !== answer.body.orderNo)
    record.wrong.push(`I7: key ${key} was answered ${before}, then ${answer.body.orderNo}`);
  record.accepted.set(known, answer.body.orderNo);
  // I2: who was answered can look at once, unless who could say it is away.
  const poll = await call<Order>(crowd, user, "GET", `/api/order/${answer.body.orderNo}`);
  if (poll && ![200, 503].includes(poll.status))
    record.wrong.push(`I2: ${answer.body.orderNo} was accepted, and a look at it answered ${poll.status}`);
  return answer.body;
}

async function pay(crowd: Crowd, user: TestUser, orderNo: string, prng: Prng): Promise<boolean> {
  if (!(await reaches(crowd, user, orderNo, "pendingPayment"))) return false;
  return (await payAtBank(crowd, user, orderNo, prng)) && reaches(crowd, user, orderNo, "ticketed");
}

export async function payAtBank(crowd: Crowd, user: TestUser, orderNo: string, prng: Prng): Promise<boolean> {
  const opened = await call<Payment>(crowd, user, "POST", "/api/payment", { orderNo });
  if (opened?.status !== 201 || opened.body.payUrl === null) return false;
  const form = new URLSearchParams({ action: "pay", behaviour: prng.pick(crowd.bank ?? bankBehaviours), seconds: "1" });
  await withRetries(() => fetch(opened.body.payUrl!, { method: "POST", body: form, redirect: "manual" }));
  return true;
}

/** Some tickets, to any train and any station behind where they begin; now and then given back in the same breath. */
async function changeTickets(crowd: Crowd, user: TestUser, orderNo: string, prng: Prng) {
  const { world, seatClass } = crowd;
  const order = await call<Order>(crowd, user, "GET", `/api/order/${orderNo}`);
  const tickets = order?.body.tickets?.filter(({ state }) => state === "issued" && prng.chance(0.7)) ?? [];
  if (tickets.length === 0) return;
  const from = order!.body.from.stationId;
  const ahead = world.stations.slice(world.stations.indexOf(from) + 1);
  const key = `change-${orderNo}-${prng.below(2 ** 31)}`;
  const request = {
    ticketNos: tickets.map(({ ticketNo }) => ticketNo),
    trainNumber: prng.pick(world.trains),
    originDate: world.date,
    from,
    to: prng.chance(0.5) ? order!.body.to.stationId : prng.pick(ahead),
    seatClass,
  };
  const given = prng.chance(0.2) ? giveBack(crowd, user, orderNo, prng) : null;
  const change = await submit(crowd, user, key, `/api/order/${orderNo}/reschedule`, request);
  if (change && prng.chance(0.8)) await pay(crowd, user, change.orderNo, prng);
  await given;
}

async function giveBack(crowd: Crowd, user: TestUser, orderNo: string, prng: Prng) {
  const order = await call<Order>(crowd, user, "GET", `/api/order/${orderNo}`);
  const tickets = order?.body.tickets?.filter(() => prng.chance(0.6)) ?? [];
  if (tickets.length === 0) return;
  await call(crowd, user, "POST", `/api/order/${orderNo}/refund`, {
    ticketNos: tickets.map(({ ticketNo }) => ticketNo),
  });
}

const giveBackEveryMs = 100;

/** Once all is sold nobody has a reason to give anything back, and those in line would wait for ever: order after order is, until there is enough. */
export async function giveBackUntil(crowd: Crowd, prng: Prng, withinMs: number, isEnough: () => boolean) {
  const { record, world } = crowd;
  for (const until = Date.now() + withinMs; !isEnough() && Date.now() < until; await Bun.sleep(giveBackEveryMs)) {
    if (record.accepted.size === 0) continue;
    const [known, orderNo] = prng.pick([...record.accepted]);
    const owner = world.users.find(({ userId }) => known.startsWith(`${userId} `))!;
    await giveBack(crowd, owner, orderNo, prng);
  }
}

/** Waits for seats that are sold out, entry after entry, each taken as far as chance decides. */
export async function waitInLine(crowd: Crowd, user: TestUser, prng: Prng): Promise<void> {
  for (let n = 0; crowd.goOn(); n++) {
    const key = `wait-${user.userId}-${n}-${prng.below(2 ** 31)}`;
    const { trainNumber, originDate, seatClass, ...way } = randomRequest(crowd, user, prng);
    const choices = crowd.world.trains
      .filter((train) => train === trainNumber || prng.chance(0.4))
      .map((train) => ({ trainNumber: train, originDate, seatClasses: [seatClass] }));
    const body = { ...way, choices, deadlineMinutes: 20 };
    const { from, to, passengers } = way;
    const asked = { from, to, choices, passengerCount: passengers.length };
    await call(crowd, user, "POST", "/api/waitlist/chance", asked);
    const joined = await call<WaitlistEntry>(crowd, user, "POST", "/api/waitlist", body, { "idempotency-key": key });
    if (joined?.status !== 201) {
      await Bun.sleep(turnedAwayMs);
      continue;
    }
    const path = `/api/waitlist/${joined.body.waitlistNo}`;
    await payAtBank(crowd, user, joined.body.waitlistNo, prng);
    const cancels = prng.chance(0.3);
    for (let poll = 0; poll < 60 && crowd.goOn(); poll++) {
      const entry = await call<WaitlistEntry>(crowd, user, "GET", path);
      if (entry?.body.state === "served") {
        if (prng.chance(0.6)) await giveBack(crowd, user, entry.body.orderNo!, prng);
        break;
      }
      if (cancels && poll === 20) await call(crowd, user, "POST", `${path}/cancel`);
      await Bun.sleep(50);
    }
    if (prng.chance(0.5)) await call(crowd, user, "POST", `${path}/cancel`);
  }
}

/** Looks a few times whether the order gets there. */
async function reaches(crowd: Crowd, user: TestUser, orderNo: string, state: Order["state"]): Promise<boolean> {
  for (let poll = 0; poll < 40 && crowd.goOn(); poll++) {
    const order = await call<Order>(crowd, user, "GET", `/api/order/${orderNo}`);
    if (order?.body.state === state) return true;
    if (order && !["accepted", "pendingPayment"].includes(order.body.state)) return false;
    await Bun.sleep(25);
  }
  return false;
}

type Answer<T> = { readonly status: number; readonly body: T };

export async function call<T>(
  crowd: Crowd,
  user: TestUser,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
  headers: { readonly [name: string]: string } = {},
): Promise<Answer<T> | null> {
  const response = await withRetries(async () => {
    const answer = await fetch(`${crowd.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${user.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  });
  if (!response) return null;
  const { heard, wrong } = crowd.record;
  heard.set(response.status, (heard.get(response.status) ?? 0) + 1);
  // A passenger who is turned away for a moment waits a moment: that is what `Retry-After` asks for.
  if (response.status === 503) await Bun.sleep(turnedAwayMs);
  if (response.status >= 500 && response.status !== 503)
    wrong.push(`${method} ${path} answered ${response.status}: ${JSON.stringify(response.body)}`);
  if (response.status === 401) wrong.push(`${method} ${path} forgot who was logged in`);
  return response;
}

/** Tries again for as long as nobody answers. */
async function withRetries<T>(ask: () => Promise<T>): Promise<T | null> {
  const until = Date.now() + giveUpAfterMs;
  while (Date.now() < until) {
    try {
      return await ask();
    } catch {
      await Bun.sleep(50);
    }
  }
  return null;
}
