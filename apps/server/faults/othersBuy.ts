/** What a Redis master that is struck must leave alone: purchases whose train, account and document lie on the others. */
import type { Redis } from "@chepiao/adapters/redis";
import type { Accepted } from "@chepiao/contracts";
import { addDays, orderIdOf, type ServiceDate } from "@chepiao/kernel";
import type { TestUser } from "../testing/world.ts";
import { pairOf } from "./redisPair.ts";
import type { Day, Stage } from "./stage.ts";

/** Who buys from whom nothing lies on the master that will be struck. */
export type Others = { readonly train: string; readonly date: ServiceDate; readonly users: readonly TestUser[] };
type Bought = { readonly status: number | string; readonly tookMs: number };

/** Of the passengers of an account that one whom nobody else buys for. */
const passengerAt = 2;
const triedMax = 24;
const usersMax = 6;
const daysMax = 10;
const everyMs = 250;
/** Who comes in the moment of the strike waits until two processes have found out, a second each, on a machine that is busy with other things, too. */
const purchaseMs = 4_000;

/** @param port of the master that will be struck */
export async function othersThan(stage: Stage, day: Day, port: number): Promise<Others> {
  const run = await runElsewhere(stage, day, port);
  const users: TestUser[] = [];
  for (const user of day.probe.users.slice(0, triedMax)) {
    if (users.length === usersMax) break;
    const bought = await buy(stage, day, run, user);
    if (bought.orderNo !== null && !(await portsOf(stage.redis, bought.orderNo)).has(port)) users.push(user);
  }
  if (users.length === 0) throw new Error("everybody has something on the master that is struck");
  return { ...run, users };
}

/** Names of one day's trains are so alike that all may lie on one master; another day's lie elsewhere. */
async function runElsewhere({ redis }: Stage, { probe }: Day, port: number): Promise<Omit<Others, "users">> {
  for (let days = 0; days < daysMax; days++) {
    const date = addDays(probe.date, days);
    for (const train of probe.trains) {
      const { master } = await pairOf(redis, redis.key(`holds:{${train}/${date}}`));
      if (master.port !== port) return { train, date };
    }
  }
  throw new Error("every train lies on the master that is struck");
}

/** Where account and documents of an order's claim lie. */
async function portsOf(redis: Redis, orderNo: string): Promise<Set<number>> {
  const ports = new Set<number>();
  const noteWhere = async (pattern: string) => {
    for (const node of redis.cluster.nodes("master")) {
      const [key] = await node.keys(redis.key(pattern));
      if (key === undefined) continue;
      ports.add(node.options.port!);
      return key;
    }
    return null;
  };
  const claim = await noteWhere(`reserve:*:${orderIdOf(orderNo)}*`);
  const { trips } = JSON.parse((claim && (await redis.cluster.get(claim))) ?? '{"trips":[]}') as {
    readonly trips: readonly { readonly documentHash: string }[];
  };
  if (trips.length === 0) throw new Error(`order ${orderNo} has claimed nothing`);
  for (const { documentHash } of trips) await noteWhere(`trips:*:${documentHash}`);
  return ports;
}

/** One after the other, for as long. Answers what is wrong. */
export async function othersBuy(stage: Stage, day: Day, others: Others, forMs: number): Promise<readonly string[]> {
  const bought: Bought[] = [];
  const until = performance.now() + forMs;
  for (let n = 0; performance.now() < until; n++) {
    bought.push(await buy(stage, day, others, others.users[n % others.users.length]!));
    await Bun.sleep(everyMs);
  }
  return wrongPurchases(bought);
}

/** A refusal is an answer as well: the train may be sold out. */
export function wrongPurchases(bought: readonly Bought[]): readonly string[] {
  if (bought.length < 2) return ["nobody else could buy while a Redis master was struck"];
  return bought.flatMap(({ status, tookMs }) => {
    const told = `who has nothing on the struck Redis master was answered ${status} after ${Math.round(tookMs)} ms`;
    return typeof status === "string" || status >= 500 || tookMs > purchaseMs ? [told] : [];
  });
}

let purchases = 0;

/** And cancels it, so that he can buy again. */
async function buy(
  { platform: { gatewayUrl }, record }: Stage,
  { probe: { stations } }: Day,
  { train: trainNumber, date }: Omit<Others, "users">,
  user: TestUser,
) {
  const key = `other-${date}-${purchases++}`;
  const body = {
    trainNumber,
    originDate: date,
    from: stations[0]!,
    to: stations[1]!,
    seatClass: "second",
    passengers: [{ passengerId: user.passengerIds[passengerAt]! }],
  };
  const ask = (path: string, headers = {}, sent?: unknown) =>
    fetch(gatewayUrl + path, {
      method: "POST",
      headers: { authorization: `Bearer ${user.token}`, "content-type": "application/json", ...headers },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    });
  record.sent.add(`${user.userId} ${key}`);
  const startedAt = performance.now();
  try {
    const answer = await ask("/api/order", { "idempotency-key": key }, body);
    const accepted = (await answer.json()) as Accepted;
    const tookMs = performance.now() - startedAt;
    const orderNo = answer.status === 202 ? accepted.orderNo : null;
    if (orderNo) {
      record.accepted.set(`${user.userId} ${key}`, orderNo);
      void ask(`/api/order/${orderNo}/cancel`).catch(() => {});
    }
    return { status: answer.status, tookMs, orderNo };
  } catch (error) {
    return { status: String(error), tookMs: performance.now() - startedAt, orderNo: null };
  }
}
