/**
 * Case `served`: how long after tickets were given back the order of the first who waits can be seen, by HTTP on the platform in one
 * process with nothing else to do. Each who is served gives back in turn. Reference: how long the giving back takes to be answered. With
 * engines, the same between processes, one a role.
 */
import { migrateMysql, openMysql } from "@chepiao/adapters/mysql";
import type { Order, Payment, WaitlistEntry } from "@chepiao/contracts";
import { roles } from "../apps/server/roles.ts";
import { createRolePlatform, settleOn } from "../apps/server/testing/processes.ts";
import { createWorld, freePort, startServer, type TestUser, type World } from "../apps/server/testing/world.ts";
import { policySetting } from "../apps/server/testing/policy.ts";
import { engineAddresses, freshDatabase, hasEngines } from "./cluster/engines.ts";
import { type BenchSettings, type CaseResult, type Figures, percentile, type Round, settle } from "./lib/rounds.ts";

const waiting = 120;
/** A sale is not the first thing a platform does in its life: these are not counted. */
const rehearsed = 20;
const composition = { code: "bench", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 1 }] }] };
const seatCount = 5;
const pollMs = 1;
const giveUpAfterMs = 30_000;
const rolesReadyWithinMs = 180_000;

export async function run({ rounds, say }: BenchSettings): Promise<CaseResult[]> {
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    const { seen, answered } = await measure();
    const apart = hasEngines() ? (await measureRoles()).seen : null;
    const more = apart ? { rolesP50Ms: apart.p50Ms, rolesP99Ms: apart.p99Ms } : {};
    done.push({ ...seen, reference: answered, more });
    say(
      `served ${n + 1}/${rounds}: an order is seen ${seen.p50Ms.toFixed(1)} ms after the seats were given back, p99 ${seen.p99Ms.toFixed(1)} ms; ` +
        `giving back is answered after ${answered.p50Ms.toFixed(1)} ms, p99 ${answered.p99Ms.toFixed(1)} ms` +
        (apart ? `; between processes p50 ${apart.p50Ms.toFixed(0)} ms, p99 ${apart.p99Ms.toFixed(0)} ms` : ""),
    );
  }
  return [settle("served", { waiting: waiting - rehearsed, seats: seatCount }, done)];
}

const worldOptions = {
  userCount: waiting + 1,
  passengersPerUser: seatCount,
  trainCount: 1,
  stationCount: 2,
  composition,
};

type Measured = { readonly seen: Figures; readonly answered: Figures };

async function measure(): Promise<Measured> {
  const world = await createWorld(worldOptions);
  const server = await startServer(world, freePort(), policySetting());
  try {
    return await giveBackInTurn(world, server.url);
  } finally {
    await server.stop();
    world.remove();
  }
}

async function measureRoles(): Promise<Measured> {
  await using cleanUp = new AsyncDisposableStack();
  const url = await freshDatabase(engineAddresses().mysql, cleanUp);
  await migrateMysql(cleanUp.use(openMysql(url)));
  await using platform = await createRolePlatform({ mysql: { url, behind: [url] } });
  const world = await settleOn(platform, worldOptions);
  for (const role of roles) platform.start(role);
  await platform.ready(rolesReadyWithinMs);
  return await giveBackInTurn(world, platform.gatewayUrl);
}

async function giveBackInTurn(world: World, url: string): Promise<Measured> {
  const asks = askingOf(url);
  const [first, ...others] = world.users as [TestUser, ...TestUser[]];
  const whole = {
    from: world.stations[0],
    to: world.stations[1],
    passengers: first.passengerIds.map((passengerId) => ({ passengerId })),
  };
  const train = { trainNumber: world.trains[0], originDate: world.date };
  const bought = await asks.send<Order>(first, "/api/order", { ...whole, ...train, seatClass: "second" });
  await asks.until(first, `/api/order/${bought.orderNo}`, ({ state }: Order) => state === "pendingPayment");
  await asks.pay(first, bought.orderNo);
  const entries: string[] = [];
  for (const user of others) {
    const { waitlistNo } = await asks.send<WaitlistEntry>(user, "/api/waitlist", {
      ...whole,
      passengers: user.passengerIds.map((passengerId) => ({ passengerId })),
      choices: [{ ...train, seatClasses: ["second"] }],
      deadlineMinutes: 20,
    });
    await asks.pay(user, waitlistNo);
    await asks.until(user, `/api/waitlist/${waitlistNo}`, ({ state }: WaitlistEntry) => state === "waiting");
    entries.push(waitlistNo);
  }
  const [seenMs, answeredMs]: [number[], number[]] = [[], []];
  let [holder, orderNo] = [first, bought.orderNo];
  for (const [n, user] of others.entries()) {
    const isTicketed = ({ state }: Order) => state === "ticketed";
    const { tickets } = await asks.until<Order>(holder, `/api/order/${orderNo}`, isTicketed);
    const asked = performance.now();
    await asks.send(holder, `/api/order/${orderNo}/refund`, { ticketNos: tickets.map(({ ticketNo }) => ticketNo) });
    const given = performance.now();
    const isServed = ({ state }: WaitlistEntry) => state === "served";
    const entry = await asks.until<WaitlistEntry>(user, `/api/waitlist/${entries[n]!}`, isServed);
    [holder, orderNo] = [user, entry.orderNo!];
    await asks.until<Order>(user, `/api/order/${orderNo}`, () => true);
    if (n < rehearsed) continue;
    seenMs.push(performance.now() - given);
    answeredMs.push(given - asked);
  }
  return { seen: figuresOf(seenMs), answered: figuresOf(answeredMs) };
}

function figuresOf(tookMs: readonly number[]): Figures {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const perSecond = (tookMs.length * 1_000) / tookMs.reduce((sum, ms) => sum + ms, 0);
  return { perSecond, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

function askingOf(url: string) {
  let keys = 0;

  async function ask<T>(user: TestUser, method: string, path: string, body?: unknown): Promise<T | null> {
    const headers = {
      authorization: `Bearer ${user.token}`,
      "content-type": "application/json",
      "idempotency-key": `served-${++keys}`,
    };
    const answer = await fetch(`${url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (answer.ok) return (await answer.json()) as T;
    if (answer.status === 404) return null;
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }

  async function until<T>(user: TestUser, path: string, isThere: (found: T) => boolean): Promise<T> {
    for (const end = Date.now() + giveUpAfterMs; Date.now() < end; await Bun.sleep(pollMs)) {
      const found = await ask<T>(user, "GET", path);
      if (found && isThere(found)) return found;
    }
    throw new Error(`${path} did not become what was waited for`);
  }

  async function send<T>(user: TestUser, path: string, body: unknown): Promise<T> {
    const answer = await ask<T>(user, "POST", path, body);
    if (!answer) throw new Error(`${path} is not there`);
    return answer;
  }

  async function pay(user: TestUser, orderNo: string): Promise<void> {
    const { payUrl } = await send<Payment>(user, "/api/payment", { orderNo });
    const form = new URLSearchParams({ action: "pay", behaviour: "normal", seconds: "1" });
    await fetch(payUrl!, { method: "POST", body: form, redirect: "manual" });
  }

  return { until, send, pay };
}

if (import.meta.main) {
  const settings = { rounds: 1, seconds: 1, connections: 64, say: console.log };
  console.log(JSON.stringify((await run(settings))[0], null, 2));
}
